using System.Collections.Immutable;

namespace Mainstay.Drills.Timeline;

/// <summary>One thing that customers do, as the bank's load generator counts it.</summary>
/// <param name="Name">as in the report of <c>customers</c></param>
/// <param name="Title">as in a report for people</param>
/// <param name="MovesMoney">a payment: it is tried again under its id until it is answered</param>
internal sealed record Journey(string Name, string Title, bool MovesMoney)
{
    /// <summary>All five, in the order of a report.</summary>
    public static readonly ImmutableArray<Journey> All =
    [
        new("card-payment", "Card payments", true),
        new("prepaid-card", "Prepaid cards", true),
        new("transfer", "Transfers", true),
        new("feed-and-balance", "Feed and balance", false),
        new("customer-operations", "Customer operations", false),
    ];
}

/// <summary>What was counted of one journey since the load began.</summary>
/// <param name="FailedAttempts">attempts without a verdict; a payment is then tried again under the same id</param>
/// <param name="Pending">payments whose outcome is not known yet</param>
/// <param name="Shed">journeys not begun, since too many were under way</param>
internal sealed record JourneyTotals(
    string Journey, long Sent, long Succeeded, long Refused, long FailedAttempts, long Pending, long Shed)
{
    /// <summary>A refusal for want of money is an answer, too.</summary>
    public long Answered => Succeeded + Refused;

    /// <summary>Why the last failed attempt failed, in the words of whom the customer asked; empty: none did.</summary>
    public string LastFailure { get; init; } = "";
}

/// <summary>What happened to one journey in the second that ends at <paramref name="Second"/>.</summary>
/// <param name="Second">seconds since the drill began</param>
/// <param name="Answered">answers that came</param>
/// <param name="Failed">attempts that failed</param>
/// <param name="Pending">payments without an answer at its end</param>
internal sealed record JourneySample(double Second, string Journey, long Answered, long Failed, long Pending)
{
    /// <summary>Why the last of the failed attempts failed; empty where none did.</summary>
    public string Failure { get; init; } = "";
}
