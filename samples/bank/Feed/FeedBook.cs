using Bank.Shared;

namespace Bank.Feed;

/// <summary>
/// The items of each account, from the ledger's journal. In memory: a new process reads the journal again. Thread safe.
/// </summary>
internal sealed class FeedBook
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Queue<FeedItem>> _items = new(StringComparer.Ordinal);

    /// <summary>Everything up to here is in the book.</summary>
    public long Sequence { get; private set; }

    /// <summary>When the journal was last read to its end; null: never yet.</summary>
    public DateTimeOffset? ReadAt { get; private set; }

    public void Add(JournalPage page, DateTimeOffset? readToEndAt)
    {
        lock (_lock)
        {
            foreach (var receipt in page.Items)
            {
                if (receipt.Sequence > Sequence)
                {
                    Sequence = receipt.Sequence;
                    AddLocked(receipt.From, receipt, -receipt.Amount);
                    AddLocked(receipt.To, receipt, receipt.Amount);
                }
            }

            ReadAt = readToEndAt ?? ReadAt;
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<FeedItem> Of(string account)
    {
        lock (_lock)
        {
            return _items.TryGetValue(account, out var items) ? [.. items.Reverse()] : [];
        }
    }

    private void AddLocked(string account, Receipt receipt, long amount)
    {
        if (!_items.TryGetValue(account, out var items))
        {
            _items.Add(account, items = new Queue<FeedItem>());
        }

        items.Enqueue(new FeedItem(receipt.Id, Text(receipt, amount > 0), amount, receipt.BookedAt, receipt.Sequence));
        if (items.Count > Limits.FeedItemsPerAccountMax)
        {
            items.Dequeue();
        }
    }

    private static string Text(Receipt receipt, bool incoming) => (receipt.Kind, incoming) switch
    {
        ("card-payment" or "prepaid-payment", false) => $"Card payment to {receipt.To}",
        ("card-payment" or "prepaid-payment", true) => $"Card payment from {receipt.From}",
        ("top-up", true) => "Top-up",
        ("funding", true) => "Opening balance",
        (_, true) => $"From {receipt.From}{Reference(receipt)}",
        (_, false) => $"To {receipt.To}{Reference(receipt)}",
    };

    private static string Reference(Receipt receipt) => receipt.Reference is { Length: > 0 } text ? $": {text}" : "";
}
