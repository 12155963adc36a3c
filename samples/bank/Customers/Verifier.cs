using System.Globalization;
using Bank.Shared;

namespace Bank.Customers;

/// <summary>Reads the ledger's whole journal and holds it against what this run was told.</summary>
internal sealed class Verifier(LoadGenerator load, RouterClient router)
{
    /// <summary>Ids of each kind of fault in the answer: enough to look at, the rest is alike.</summary>
    private const int NamedMax = 100;

    public async Task<Answer<Verification>> VerifyAsync(CancellationToken cancellationToken)
    {
        // What is accepted from here on may or may not be in the journal that is read: it is not judged.
        var end = load.Accepted.End;
        var accepted = new HashSet<long>();
        for (var number = 1L; number < end; number++)
        {
            if (load.Accepted.Holds(number))
            {
                accepted.Add(number);
            }
        }

        var seen = new HashSet<long>();
        List<string> doubled = [];
        List<string> altered = [];
        for (var after = 0L; ;)
        {
            var path = $"/journal?after={after}&limit={Limits.JournalPageMax}";
            var call = Call<JournalPage>.Get("ledger", path, BankJson.Default.JournalPage) with { Tries = 5 };
            if ((await router.SendAsync(call, cancellationToken)).IsProblem(out var problem, out var page))
            {
                return problem;
            }

            foreach (var receipt in page.Items.Where(receipt => NumberOf(receipt.Id) > 0))
            {
                var number = NumberOf(receipt.Id);
                doubled.AddRange(seen.Add(number) ? [] : [receipt.Id]);
                altered.AddRange(JourneyPlan.Number(load.Run, number).IsBookedAs(receipt) ? [] : [receipt.Id]);
            }

            if (page.Items.Count < Limits.JournalPageMax)
            {
                break;
            }

            after = page.Next;
        }

        var missing = accepted.Where(number => !seen.Contains(number))
            .Select(number => JourneyPlan.Number(load.Run, number).Id);
        return new Verification(
            load.Run,
            accepted.Count,
            seen.Count,
            seen.Count(number => !load.Accepted.Holds(number)),
            [.. missing.Take(NamedMax)],
            [.. doubled.Take(NamedMax)],
            [.. altered.Take(NamedMax)]);
    }

    /// <summary>The number of a payment of this run; 0 for any other.</summary>
    private long NumberOf(string id) =>
        id.Length > load.Run.Length + 1 && id.StartsWith(load.Run, StringComparison.Ordinal)
        && long.TryParse(id.AsSpan(load.Run.Length + 1), CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;
}
