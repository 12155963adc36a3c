using System.Collections.Frozen;
using System.Globalization;

namespace Bank.Shared;

/// <summary>
/// Who banks here from the first start. Each customer NAME has a current account "acc-NAME", a debit card "debit-NAME"
/// on it, and a prepaid card "prepaid-NAME" with a balance of its own.
/// </summary>
internal static class Seed
{
    /// <summary>The bank's own account, where all money comes from: the only one that may go below zero.</summary>
    public const string Funding = "bank-funding";

    /// <summary>Customers of the load generator: "acc-001" and up.</summary>
    public const int NumberedCustomers = 100;

    /// <summary>1,000,000.00: the load generator does not run out within days.</summary>
    public const long NumberedBalance = 100_000_000;

    /// <summary>1,000.00 for the people that documentation tells of.</summary>
    public const long NamedBalance = 100_000;

    public static readonly string[] Merchants =
        ["merchant-coffee", "merchant-grocer", "merchant-train", "merchant-books"];

    /// <summary>Accounts that a customer sees, by id.</summary>
    public static readonly FrozenDictionary<string, Account> Accounts = Customers()
        .SelectMany(customer => new[]
        {
            new Account($"acc-{customer.Key}", customer.Name, customer.Status, "current"),
            new Account($"prepaid-{customer.Key}", customer.Name, customer.Status, "prepaid"),
        })
        .Concat(Merchants.Select(id => new Account(id, id["merchant-".Length..], "open", "merchant")))
        .ToFrozenDictionary(account => account.Id, StringComparer.Ordinal);

    /// <summary>What the ledger books at its start. Booked by id, so a second start books nothing.</summary>
    public static IEnumerable<Booking> Bookings() =>
        from account in Accounts.Values
        where account.Kind != "merchant"
        orderby account.Id
        select new Booking
        {
            Id = $"seed-{account.Id}",
            Kind = "funding",
            From = Funding,
            To = account.Id,
            Amount = char.IsAsciiDigit(account.Id[^1]) ? NumberedBalance : NamedBalance,
            Reference = "opening balance",
        };

    public static string Numbered(string prefix, int number) =>
        $"{prefix}-{number.ToString("D3", CultureInfo.InvariantCulture)}";

    private static IEnumerable<(string Key, string Name, string Status)> Customers()
    {
        yield return ("alice", "Alice Marlow", "open");
        yield return ("bob", "Bob Harker", "open");
        yield return ("carol", "Carol Finch", "open");
        yield return ("dora", "Dora Quill", "closed");
        for (var number = 1; number <= NumberedCustomers; number++)
        {
            var key = number.ToString("D3", CultureInfo.InvariantCulture);
            yield return (key, $"Customer {key}", "open");
        }
    }
}
