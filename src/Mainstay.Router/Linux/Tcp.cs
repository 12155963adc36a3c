using System.Net;
using System.Runtime.InteropServices;

namespace Mainstay.Router.Linux;

/// <summary>
/// Non-blocking TCP sockets by their descriptor. Stateless; every failure is an error number, never an exception.
/// </summary>
internal static unsafe class Tcp
{
    private const int StreamFlags = Libc.SocketStream | Libc.SocketNonBlock | Libc.SocketCloseOnExec;

    /// <returns>the descriptor, or the negated error number</returns>
    public static int Listen(IPEndPoint endpoint, bool shared)
    {
        var address = KernelAddress.From(endpoint);
        var socket = Libc.socket(address.Family, StreamFlags, 0);
        if (socket < 0)
        {
            return -Marshal.GetLastSystemError();
        }

        SetOption(socket, Libc.LevelSocket, Libc.OptionReuseAddress, 1);
        // What is accepted inherits it: one system call less per connection.
        SetOption(socket, Libc.LevelTcp, Libc.OptionTcpNoDelay, 1);
        if (shared)
        {
            SetOption(socket, Libc.LevelSocket, Libc.OptionReusePort, 1);
        }

        fixed (byte* bytes = address.Bytes)
        {
            if (Libc.bind(socket, bytes, (uint)address.Bytes.Length) < 0 ||
                Libc.listen(socket, Limits.ListenBacklog) < 0)
            {
                var error = Marshal.GetLastSystemError();
                _ = Libc.close(socket);
                return -error;
            }
        }

        return socket;
    }

    /// <summary>Whether somebody listens at an address: nothing of this is ever seen by a caller.</summary>
    /// <returns>0, or the error number that a listener of its own would get</returns>
    public static int Probe(IPEndPoint endpoint)
    {
        var address = KernelAddress.From(endpoint);
        var socket = Libc.socket(address.Family, StreamFlags, 0);
        if (socket < 0)
        {
            return Marshal.GetLastSystemError();
        }

        SetOption(socket, Libc.LevelSocket, Libc.OptionReuseAddress, 1);
        fixed (byte* bytes = address.Bytes)
        {
            var error = Libc.bind(socket, bytes, (uint)address.Bytes.Length) < 0 ? Marshal.GetLastSystemError() : 0;
            _ = Libc.close(socket);
            return error;
        }
    }

    /// <summary>
    /// Turns new connections to one of the sockets that share this one's address, counted in the order in which they
    /// began to listen. Where there is none of that number the kernel spreads them as before.
    /// </summary>
    /// <returns>0, or the error number</returns>
    public static int SteerTo(int listener, int index)
    {
        // One instruction: return the constant. sock_filter is code, two jumps, operand; sock_fprog length, pointer.
        const ushort ReturnConstant = 0x06;
        var instruction = stackalloc byte[8];
        *(ushort*)instruction = ReturnConstant;
        *(ushort*)(instruction + 2) = 0;
        *(int*)(instruction + 4) = index;
        var program = stackalloc nint[2];
        program[0] = 1;
        program[1] = (nint)instruction;
        return Libc.setsockopt(
            listener, Libc.LevelSocket, Libc.OptionAttachReusePortFilter, program, (uint)(2 * sizeof(nint))) < 0
            ? Marshal.GetLastSystemError()
            : 0;
    }

    /// <returns>the descriptor, or the negated error number</returns>
    public static int Accept(int listener)
    {
        var socket = Libc.accept4(listener, null, null, Libc.SocketNonBlock | Libc.SocketCloseOnExec);
        return socket >= 0 ? socket : -Marshal.GetLastSystemError();
    }

    /// <summary>Starts to connect; the outcome comes as an event.</summary>
    /// <returns>the descriptor, or the negated error number</returns>
    public static int Connect(KernelAddress address)
    {
        var socket = Libc.socket(address.Family, StreamFlags, 0);
        if (socket < 0)
        {
            return -Marshal.GetLastSystemError();
        }

        SetOption(socket, Libc.LevelTcp, Libc.OptionTcpNoDelay, 1);
        fixed (byte* bytes = address.Bytes)
        {
            if (Libc.connect(socket, bytes, (uint)address.Bytes.Length) < 0)
            {
                var error = Marshal.GetLastSystemError();
                if (error != Libc.ErrorInProgress)
                {
                    _ = Libc.close(socket);
                    return -error;
                }
            }
        }

        return socket;
    }

    /// <returns>the error that waits at a socket, 0 for none</returns>
    public static int PendingError(int socket)
    {
        var error = 0;
        var length = (uint)sizeof(int);
        return Libc.getsockopt(socket, Libc.LevelSocket, Libc.OptionError, &error, &length) < 0
            ? Marshal.GetLastSystemError()
            : error;
    }

    public static int LocalPort(int socket)
    {
        var bytes = stackalloc byte[28];
        var length = 28u;
        return Libc.getsockname(socket, bytes, &length) < 0
            ? 0
            : KernelAddress.PortOf(new ReadOnlySpan<byte>(bytes, 28));
    }

    /// <summary>Whether the other side is this machine by a loopback address; a socket that is gone has none.</summary>
    public static bool IsPeerLoopback(int socket)
    {
        var bytes = stackalloc byte[28];
        var length = 28u;
        return Libc.getpeername(socket, bytes, &length) == 0
            && KernelAddress.IsLoopback(new ReadOnlySpan<byte>(bytes, 28));
    }

    /// <summary>
    /// Makes the coming close a reset, so that the other side cannot take a cut answer for a whole one.
    /// </summary>
    public static void ResetOnClose(int socket)
    {
        var linger = stackalloc int[2] { 1, 0 };
        _ = Libc.setsockopt(socket, Libc.LevelSocket, Libc.OptionLinger, linger, 2 * sizeof(int));
    }

    private static void SetOption(int socket, int level, int option, int value) =>
        _ = Libc.setsockopt(socket, level, option, &value, sizeof(int));
}
