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
