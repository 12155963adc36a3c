using System.Text.Json.Serialization;

namespace Bank.Shared;

// What the services say to one another and to the app. Amounts are whole pence. A request refuses fields that it does
// not know, since a mistyped one would be a payment other than the one meant; an answer may grow fields.

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PaymentRequest
{
    /// <summary>
    /// The payment's own id: sent again with the same id, it is the same payment. The gateway makes one if absent.
    /// </summary>
    public string? Id { get; init; }

    public required string From { get; init; }

    public required string To { get; init; }

    public required long Amount { get; init; }

    public string? Reference { get; init; }
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record CardPaymentRequest
{
    public string? Id { get; init; }

    /// <summary>
    /// "debit-NAME" takes from NAME's current account, "prepaid-NAME" from the balance of the card itself.
    /// </summary>
    public required string Card { get; init; }

    public required string Merchant { get; init; }

    public required long Amount { get; init; }
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TopUpRequest
{
    public string? Id { get; init; }

    public required string Card { get; init; }

    public required long Amount { get; init; }
}

/// <summary>An order to the ledger: take <see cref="Amount"/> from one account, give it to another.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record Booking
{
    public required string Id { get; init; }

    /// <summary>"transfer", "card-payment", "prepaid-payment", "top-up" or "funding".</summary>
    public required string Kind { get; init; }

    public required string From { get; init; }

    public required string To { get; init; }

    public required long Amount { get; init; }

    public string? Reference { get; init; }
}

/// <summary>A booking that happened. Asked again with the same id, it is the same to the last character.</summary>
internal sealed record Receipt
{
    public required string Id { get; init; }

    public string Status { get; init; } = "booked";

    public required string Kind { get; init; }

    public required string From { get; init; }

    public required string To { get; init; }

    public required long Amount { get; init; }

    public string? Reference { get; init; }

    /// <summary>Its place in the ledger's journal; grows, may have gaps.</summary>
    public required long Sequence { get; init; }

    public required DateTimeOffset BookedAt { get; init; }
}

internal sealed record Balance(string Account, long Amount, string Currency, DateTimeOffset AsOf);

/// <param name="Next">ask again after this sequence</param>
internal sealed record JournalPage(IReadOnlyList<Receipt> Items, long Next);

/// <summary>What must hold at any time: sum 0, and every count of faults 0.</summary>
internal sealed record Audit(
    long Transactions, long Sum, long Duplicates, long Unbalanced, long BalancesOff, long Overdrawn, long LastSequence)
{
    public bool Sound => (Sum, Duplicates, Unbalanced, BalancesOff, Overdrawn) is (0, 0, 0, 0, 0);
}

internal sealed record Account(string Id, string Name, string Status, string Kind, Balance? Balance = null);

internal sealed record AccountList(IReadOnlyList<Account> Items);

/// <param name="Amount">below zero: money that left the account</param>
internal sealed record FeedItem(string Id, string Text, long Amount, DateTimeOffset At, long Sequence);

/// <param name="AsOf">when the ledger was last asked</param>
/// <param name="Stale">the ledger could not be asked just now: this is what was known at AsOf</param>
internal sealed record FeedPage(string Account, IReadOnlyList<FeedItem> Items, DateTimeOffset AsOf, bool Stale);

/// <summary>Something was booked up to <see cref="Sequence"/>: the feed may look now rather than later.</summary>
internal sealed record FeedNudge(long Sequence);

internal sealed record Accepted(string Status);

/// <summary>
/// What customer operations see; a part that could not be had is null and named in Missing with the reason.
/// </summary>
internal sealed record CustomerView(Account? Account, FeedPage? Feed, IReadOnlyList<string> Missing);

internal sealed record ServiceStatus(string Service, bool Up, double Milliseconds, string? Reason);

internal sealed record StatusBoard(IReadOnlyList<ServiceStatus> Services);
