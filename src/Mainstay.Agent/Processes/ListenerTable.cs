using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Mainstay.Kernel;

namespace Mainstay.Agent.Processes;

/// <param name="Inode">the socket's number, by which its owner is found under /proc/PID/fd</param>
internal sealed record Listener(IPAddress Address, int Port, long Inode)
{
    public bool IsWildcard => Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any);
}

/// <summary>
/// The TCP sockets that listen on this machine, from /proc/net/tcp and tcp6. The kernel lists listeners before
/// connections, so reading stops at the first connection: the cost does not grow with the traffic. One reading serves
/// every pod that asks within a moment. Thread safe.
/// </summary>
internal sealed class ListenerTable(TimeProvider time)
{
    private const string ListenState = "0A";
    private readonly Lock _lock = new();
    private ImmutableArray<Listener> _listeners = [];
    private long? _readAt;

    public ImmutableArray<Listener> Read()
    {
        lock (_lock)
        {
            if (_readAt is not { } at || time.GetElapsedTime(at) > Limits.ListenerTableAge)
            {
                _listeners = [.. ReadFile("/proc/net/tcp"), .. ReadFile("/proc/net/tcp6")];
                _readAt = time.GetTimestamp();
            }

            return _listeners;
        }
    }

    /// <summary>
    /// Lines such as <c>0: 0500117F:1F90 00000000:0000 0A ... inode</c>: addresses are words in the machine's byte
    /// order.
    /// </summary>
    internal static IEnumerable<Listener> Parse(IEnumerable<string> lines)
    {
        foreach (var line in lines.Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 10)
            {
                continue;
            }

            if (fields[3] != ListenState)
            {
                yield break;
            }

            var colon = fields[1].IndexOf(':', StringComparison.Ordinal);
            yield return new Listener(
                ParseAddress(fields[1][..colon]),
                int.Parse(fields[1].AsSpan(colon + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                long.Parse(fields[9], CultureInfo.InvariantCulture));
        }
    }

    private static IEnumerable<Listener> ReadFile(string path) => File.Exists(path) ? Parse(File.ReadLines(path)) : [];

    private static IPAddress ParseAddress(string hex)
    {
        Invariant.That(hex.Length is 8 or 32, "an address in /proc/net is one word or four");
        var bytes = new byte[hex.Length / 2];
        for (var word = 0; word < bytes.Length; word += 4)
        {
            var value = uint.Parse(hex.AsSpan(word * 2, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (BitConverter.IsLittleEndian)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(word), value);
            }
            else
            {
                BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(word), value);
            }
        }

        var address = new IPAddress(bytes);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }
}
