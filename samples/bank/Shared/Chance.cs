namespace Bank.Shared;

/// <summary>Chance, from one source that a test can seed. Thread safe.</summary>
internal sealed class Chance(Random random)
{
    private readonly Lock _lock = new();

    public double NextDouble()
    {
        lock (_lock)
        {
            return random.NextDouble();
        }
    }

    /// <summary>An id that no other process makes too: 96 bits, written as 24 hexadecimal digits.</summary>
    public string NextId()
    {
        Span<byte> bytes = stackalloc byte[12];
        lock (_lock)
        {
            random.NextBytes(bytes);
        }

        return Convert.ToHexStringLower(bytes);
    }
}
