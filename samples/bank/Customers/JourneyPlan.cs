using System.Globalization;
using Bank.Shared;

namespace Bank.Customers;

/// <summary>What a customer comes for.</summary>
internal enum Journey
{
    CardPayment,
    PrepaidCard,
    Transfer,
    FeedAndBalance,
    CustomerOperations,
}

/// <summary>
/// Journey number n of a run. It is a pure function of n, so that what was asked for can be told again when the ledger
/// is checked: nothing needs to be kept but which numbers were accepted. Journey 7 of run "r1a" is always payment
/// "r1a-7", from the same account, to the same one, of the same amount.
/// </summary>
internal sealed record JourneyPlan(
    Journey Journey, string Id, string Account, string Counterpart, long Amount, bool TopUp)
{
    public bool MovesMoney => Journey is Journey.CardPayment or Journey.PrepaidCard or Journey.Transfer;

    public static JourneyPlan Number(string run, long number)
    {
        var mix = Mix((ulong)number);
        var journey = (mix % 100) switch
        {
            < 30 => Journey.CardPayment,
            < 50 => Journey.PrepaidCard,
            < 70 => Journey.Transfer,
            < 95 => Journey.FeedAndBalance,
            _ => Journey.CustomerOperations,
        };
        var who = 1 + (int)((mix >> 8) % Seed.NumberedCustomers);
        var other = 1 + ((who + (int)((mix >> 20) % (Seed.NumberedCustomers - 1))) % Seed.NumberedCustomers);
        var topUp = journey == Journey.PrepaidCard && (mix >> 32) % 4 == 0;
        var id = string.Create(CultureInfo.InvariantCulture, $"{run}-{number}");
        var account = Seed.Numbered(journey == Journey.PrepaidCard ? "prepaid" : "acc", who);
        var counterpart = journey == Journey.Transfer
            ? Seed.Numbered("acc", other)
            : Seed.Merchants[(int)((mix >> 40) % (ulong)Seed.Merchants.Length)];

        // 1.00 to 20.99; every fourth prepaid journey is a top-up of three such, which the other three spend.
        var amount = 100 + (long)((mix >> 44) % 2000);
        return new JourneyPlan(journey, id, account, counterpart, topUp ? 3 * amount : amount, topUp);
    }

    /// <summary>Whether what the ledger booked under this id is what was asked for.</summary>
    public bool IsBookedAs(Receipt receipt) => (receipt.From, receipt.To, receipt.Amount) == (Journey, TopUp) switch
    {
        (Journey.PrepaidCard, true) => (Seed.Funding, Account, Amount),
        _ => (Account, Counterpart, Amount),
    };

    // The finaliser of SplitMix64: neighbours share nothing.
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
