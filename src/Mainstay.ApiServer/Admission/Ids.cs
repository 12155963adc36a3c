using System.Buffers.Binary;

namespace Mainstay.ApiServer.Admission;

/// <summary>Names and numbers that chance picks: uids, generated names, free addresses. Thread safe.</summary>
internal sealed class Ids(Random random)
{
    // kube-apiserver's letters: no vowels, so that no word comes out, and nothing that looks like another
    private const string SuffixLetters = "bcdfghjklmnpqrstvwxz2456789";
    private const int SuffixLength = 5;

    /// <summary>A generated name is cut so that it fits a DNS label with its suffix.</summary>
    private const int PrefixLengthMax = 58;

    // Guards the generator, which is not thread safe.
    private readonly Lock _lock = new();

    public string Uid()
    {
        Span<byte> bytes = stackalloc byte[16];
        lock (_lock)
        {
            random.NextBytes(bytes);
        }

        // version 4, variant 1: what every reader of a uid expects
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    public string Name(string prefix)
    {
        var start = prefix.Length > PrefixLengthMax ? prefix[..PrefixLengthMax] : prefix;
        lock (_lock)
        {
            return start + new string(random.GetItems<char>(SuffixLetters, SuffixLength));
        }
    }

    public double Share()
    {
        lock (_lock)
        {
            return random.NextDouble();
        }
    }

    public uint Below(uint bound)
    {
        Span<byte> bytes = stackalloc byte[4];
        lock (_lock)
        {
            random.NextBytes(bytes);
        }

        return BinaryPrimitives.ReadUInt32LittleEndian(bytes) % bound;
    }
}
