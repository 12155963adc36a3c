using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Mainstay.Agent.Addresses;

/// <summary>The addresses of a node's pods: of <c>127.17.0.0/16</c> those from .0.2 to .255.254.</summary>
internal sealed record PodCidr(uint First, uint Last, string Text)
{
    private const int LongestPrefix = 28;
    private const int ShortestPrefix = 8;

    public bool IsLoopback => First >> 24 == 127;

    /// <summary>The first address is the network's, the second is the node's own.</summary>
    public static PodCidr? Parse(string text, out string? fault)
    {
        fault = null;
        if (!IPNetwork.TryParse(text, out var network)
            || network.BaseAddress.AddressFamily != AddressFamily.InterNetwork)
        {
            fault = $"pod CIDR \"{text}\" is no IPv4 network such as 127.17.0.0/16";
            return null;
        }

        if (network.PrefixLength is < ShortestPrefix or > LongestPrefix)
        {
            fault = $"pod CIDR \"{text}\" must have a prefix from /{ShortestPrefix} to /{LongestPrefix}";
            return null;
        }

        var start = ToNumber(network.BaseAddress);
        var size = 1u << (32 - network.PrefixLength);
        return new PodCidr(start + 2, start + size - 2, network.ToString());
    }

    public bool Contains(uint address) => address >= First && address <= Last;

    public static uint ToNumber(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());

    public static string ToText(uint address) => string.Create(
        CultureInfo.InvariantCulture,
        $"{address >> 24}.{(address >> 16) & 0xff}.{(address >> 8) & 0xff}.{address & 0xff}");
}
