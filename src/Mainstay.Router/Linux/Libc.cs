using System.Runtime.InteropServices;

namespace Mainstay.Router.Linux;

/// <summary>
/// The system calls of the data path. Those that never block skip the runtime's transition (a few nanoseconds of a call
/// that takes about a microsecond); a collection waits for them no longer than such a call takes. epoll_wait may block
/// and keeps the transition. The error number is read by <see cref="Marshal.GetLastSystemError"/> right after a
/// failure.
/// </summary>
internal static unsafe partial class Libc
{
    public const int AddressFamilyInet = 2;
    public const int AddressFamilyInet6 = 10;
    public const int SocketStream = 1;
    public const int SocketNonBlock = 0x800;
    public const int SocketCloseOnExec = 0x80000;
    public const int LevelSocket = 1;
    public const int OptionReuseAddress = 2;
    public const int OptionError = 4;
    public const int OptionLinger = 13;
    public const int OptionReusePort = 15;
    public const int OptionAttachReusePortFilter = 51;
    public const int LevelTcp = 6;
    public const int OptionTcpNoDelay = 1;
    public const int MessageNoSignal = 0x4000;
    public const int MessagePeek = 2;
    public const int ShutdownWrite = 1;
    public const int EpollCloseOnExec = 0x80000;
    public const int EventNonBlock = 0x800;
    public const int EventCloseOnExec = 0x80000;

    public const int ErrorInterrupted = 4;
    public const int ErrorAgain = 11;
    public const int ErrorTooManyFilesInSystem = 23;
    public const int ErrorTooManyFiles = 24;
    public const int ErrorAddressInUse = 98;
    public const int ErrorConnectionAborted = 103;
    public const int ErrorConnectionReset = 104;
    public const int ErrorInProgress = 115;

    [LibraryImport("libc"), SuppressGCTransition]
    public static partial nint recv(int socket, byte* buffer, nuint length, int flags);

    [LibraryImport("libc"), SuppressGCTransition]
    public static partial nint send(int socket, byte* buffer, nuint length, int flags);

    [LibraryImport("libc")]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc")]
    public static partial int bind(int socket, byte* address, uint length);

    [LibraryImport("libc")]
    public static partial int listen(int socket, int backlog);

    [LibraryImport("libc")]
    public static partial int accept4(int socket, byte* address, uint* length, int flags);

    [LibraryImport("libc")]
    public static partial int connect(int socket, byte* address, uint length);

    [LibraryImport("libc")]
    public static partial int shutdown(int socket, int how);

    [LibraryImport("libc")]
    public static partial int close(int descriptor);

    [LibraryImport("libc")]
    public static partial int getsockname(int socket, byte* address, uint* length);

    [LibraryImport("libc")]
    public static partial int getpeername(int socket, byte* address, uint* length);

    [LibraryImport("libc")]
    public static partial int setsockopt(int socket, int level, int option, void* value, uint length);

    [LibraryImport("libc")]
    public static partial int getsockopt(int socket, int level, int option, void* value, uint* length);

    [LibraryImport("libc")]
    public static partial int epoll_create1(int flags);

    [LibraryImport("libc")]
    public static partial int epoll_ctl(int epoll, int operation, int descriptor, byte* change);

    [LibraryImport("libc")]
    public static partial int epoll_wait(int epoll, byte* events, int eventsMax, int timeoutMilliseconds);

    [LibraryImport("libc")]
    public static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc")]
    public static partial nint read(int descriptor, void* buffer, nuint length);

    [LibraryImport("libc")]
    public static partial nint write(int descriptor, void* buffer, nuint length);
}
