using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Mainstay.Kernel;

namespace Mainstay.Router.Linux;

/// <summary>
/// One epoll instance, edge-triggered: a descriptor is registered once, for everything, and each change of its state is
/// told once. That is one system call per connection, and none per call. Owned by one loop.
/// </summary>
internal sealed unsafe class Epoll : IDisposable
{
    public const uint Readable = 0x1;
    public const uint Writable = 0x4;
    public const uint Failed = 0x8;
    public const uint HungUp = 0x10;
    public const uint PeerClosed = 0x2000;

    private const uint EdgeTriggered = 1u << 31;
    private const int OperationAdd = 1;

    /// <summary>The kernel packs its struct on x86-64 only.</summary>
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int Stride = DataOffset + 8;

    private readonly int _descriptor;
    private readonly byte* _events;

    public Epoll()
    {
        _descriptor = Libc.epoll_create1(Libc.EpollCloseOnExec);
        if (_descriptor < 0)
        {
            throw new StartException(
                $"the kernel gives no epoll instance (error {Marshal.GetLastSystemError()})",
                "raise the limit of open files (ulimit -n)");
        }

        _events = (byte*)NativeMemory.AllocZeroed((nuint)(Limits.EventBatchMax * Stride));
    }

    /// <param name="descriptor">what to watch, until it is closed</param>
    /// <param name="key">comes back with each event</param>
    /// <returns>false when the kernel has no room for it</returns>
    public bool Add(int descriptor, ulong key)
    {
        var change = stackalloc byte[16];
        var bytes = new Span<byte>(change, 16);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Readable | Writable | PeerClosed | EdgeTriggered);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[DataOffset..], key);
        return Libc.epoll_ctl(_descriptor, OperationAdd, descriptor, change) == 0;
    }

    /// <returns>how many events there are; none also when a signal interrupted the wait</returns>
    public int Wait(int timeoutMilliseconds)
    {
        var count = Libc.epoll_wait(_descriptor, _events, Limits.EventBatchMax, timeoutMilliseconds);
        return Math.Max(count, 0);
    }

    public uint Flags(int index) => *(uint*)(_events + (index * Stride));

    public ulong Key(int index) => *(ulong*)(_events + (index * Stride) + DataOffset);

    public void Dispose()
    {
        _ = Libc.close(_descriptor);
        NativeMemory.Free(_events);
    }
}
