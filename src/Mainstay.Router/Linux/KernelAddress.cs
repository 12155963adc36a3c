using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Mainstay.Router.Linux;

/// <summary>
/// A `sockaddr_in` or `sockaddr_in6` as the kernel wants it, made once per endpoint and never on the way of a call.
/// </summary>
internal sealed class KernelAddress
{
    private const int InetBytes = 16;
    private const int Inet6Bytes = 28;

    private KernelAddress(byte[] bytes, int family)
    {
        Bytes = bytes;
        Family = family;
    }

    public byte[] Bytes { get; }

    public int Family { get; }

    public static KernelAddress From(IPEndPoint endpoint)
    {
        var inet6 = endpoint.AddressFamily == AddressFamily.InterNetworkV6;
        var bytes = new byte[inet6 ? Inet6Bytes : InetBytes];
        var family = inet6 ? Libc.AddressFamilyInet6 : Libc.AddressFamilyInet;
        MemoryMarshal.Write(bytes, (ushort)family);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)endpoint.Port);
        endpoint.Address.TryWriteBytes(bytes.AsSpan(inet6 ? 8 : 4), out _);
        return new KernelAddress(bytes, family);
    }

    /// <summary>127.0.0.0/8, ::1, or the former within the latter's family.</summary>
    public static bool IsLoopback(ReadOnlySpan<byte> bytes) =>
        MemoryMarshal.Read<ushort>(bytes) switch
        {
            Libc.AddressFamilyInet => IPAddress.IsLoopback(new IPAddress(bytes[4..8])),
            Libc.AddressFamilyInet6 => IPAddress.IsLoopback(new IPAddress(bytes[8..24])),
            _ => false,
        };

    /// <summary>The port of an address the kernel has written.</summary>
    public static int PortOf(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
}
