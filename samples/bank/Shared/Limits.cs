namespace Bank.Shared;

/// <summary>Every bound of the bank, with its unit and its reason.</summary>
internal static class Limits
{
    /// <summary>10,000.00: a bank asks more than an API call for more.</summary>
    public const long AmountMinorMax = 1_000_000;

    /// <summary>Characters of a payment id or account id: a UUID with a prefix fits.</summary>
    public const int IdLengthMax = 64;

    /// <summary>Characters of a reference: what fits a bank statement of several lines.</summary>
    public const int ReferenceLengthMax = 140;

    /// <summary>Bytes of a request's body: the largest valid one has well under 1 KiB.</summary>
    public const int BodyBytesMax = 16 * 1024;

    /// <summary>
    /// Bookings that wait for the ledger's writer: about a second of what one disk commits; then 503.
    /// </summary>
    public const int LedgerBacklogMax = 1024;

    /// <summary>Bookings in one commit: they share one fsync, and one slow batch delays at most this many.</summary>
    public const int LedgerBatchMax = 128;

    /// <summary>Transactions in one page of the journal: about 200 KiB of JSON.</summary>
    public const int JournalPageMax = 1000;

    /// <summary>Items that the feed keeps in memory for one account: what an app shows on a few screens.</summary>
    public const int FeedItemsPerAccountMax = 100;

    /// <summary>
    /// 250.00: what one account may spend by standin before the ledger has decided it; an evening out, not a car.
    /// </summary>
    public const long StandinMinorMax = 25_000;

    /// <summary>
    /// Bookings that standin remembers by their id: a payment that payments booked and did not answer is asked for
    /// again within minutes, which is far fewer than these.
    /// </summary>
    public const long StandinJournalMax = 10_000;

    /// <summary>Journeys per second: above it one process is no honest load generator any more.</summary>
    public const double RatePerSecondMax = 2000;

    /// <summary>
    /// Customers on the same journey at the same time: more would hide a slow service behind a queue.
    /// </summary>
    public const int CustomersPerJourneyMax = 64;
}
