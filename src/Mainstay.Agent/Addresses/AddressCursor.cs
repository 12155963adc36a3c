using System.Net;

namespace Mainstay.Agent.Addresses;

/// <summary>
/// Gives each pod an address of its own, going round the CIDR, so that an address is not used again soon: a router that
/// still holds the address of a pod that is gone reaches nobody, rather than a stranger.
/// </summary>
internal static class AddressCursor
{
    /// <param name="cidr">the node's addresses</param>
    /// <param name="cursor">the address that was given last, null at the very first</param>
    /// <param name="taken">addresses of pods that are known, and of the node</param>
    /// <returns>the next free address, null if every one is taken</returns>
    public static uint? Next(PodCidr cidr, uint? cursor, IReadOnlySet<uint> taken)
    {
        var size = cidr.Last - cidr.First + 1;
        var start = cursor is { } last && cidr.Contains(last) ? last - cidr.First + 1 : 0;
        for (uint step = 0; step < size; step++)
        {
            var candidate = cidr.First + ((start + step) % size);
            if (!taken.Contains(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}

/// <summary>
/// The cursor on disk. It moves there before the address is used, so that no crash gives one twice. One owner.
/// </summary>
internal sealed class AddressPool
{
    private readonly PodCidr _cidr;
    private readonly string _file;
    private readonly uint _nodeAddress;
    private uint? _cursor;

    public AddressPool(PodCidr cidr, IPAddress nodeAddress, string file)
    {
        _cidr = cidr;
        _file = file;
        _nodeAddress = PodCidr.ToNumber(nodeAddress);
        if (File.Exists(file) && IPAddress.TryParse(File.ReadAllText(file).Trim(), out var cursor))
        {
            _cursor = PodCidr.ToNumber(cursor);
        }
    }

    public string? Take(IEnumerable<string> known)
    {
        HashSet<uint> taken = [.. known.Select(address => PodCidr.ToNumber(IPAddress.Parse(address))), _nodeAddress];
        if (AddressCursor.Next(_cidr, _cursor, taken) is not { } address)
        {
            return null;
        }

        State.AtomicFile.WriteText(_file, PodCidr.ToText(address), durable: true);
        _cursor = address;
        return PodCidr.ToText(address);
    }
}
