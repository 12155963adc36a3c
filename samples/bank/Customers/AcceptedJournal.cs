namespace Bank.Customers;

/// <summary>
/// Which numbers of a run were accepted: a bit each, so that a day at full rate fits in some megabytes. Thread safe.
/// </summary>
internal sealed class AcceptedJournal
{
    private readonly Lock _lock = new();
    private ulong[] _bits = new ulong[64];

    public long Count { get; private set; }

    /// <summary>Above every number that was accepted.</summary>
    public long End { get; private set; } = 1;

    public void Accept(long number)
    {
        lock (_lock)
        {
            var word = checked((int)(number >> 6));
            if (word >= _bits.Length)
            {
                Array.Resize(ref _bits, Math.Max(word + 1, _bits.Length * 2));
            }

            var bit = 1UL << (int)(number & 63);
            if ((_bits[word] & bit) == 0)
            {
                _bits[word] |= bit;
                Count++;
                End = Math.Max(End, number + 1);
            }
        }
    }

    public bool Holds(long number)
    {
        lock (_lock)
        {
            var word = number >> 6;
            return number > 0 && word < _bits.Length && (_bits[word] & (1UL << (int)(number & 63))) != 0;
        }
    }
}
