using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Mainstay.Kernel;

namespace Mainstay.Agent.Processes;

/// <summary>How a process ended. Neither code nor signal: it was adopted, and only its parent is told.</summary>
internal sealed record ProcessExit(int? Code, int? Signal)
{
    public static readonly ProcessExit Unknown = new(null, null);

    /// <summary>As a shell and Kubernetes say it: 128 + signal.</summary>
    public int? ShellCode => Code ?? (Signal is { } signal ? 128 + signal : null);
}

/// <summary>
/// Tells when processes end, children and adopted ones alike, without polling: one thread sleeps on a pidfd for each.
/// A child's session is swept before the child is reaped, while its number cannot yet belong to anybody else.
/// Thread safe.
/// </summary>
internal sealed class ExitWatcher : IDisposable
{
    private const int EventsMax = 32;
    private readonly ConcurrentDictionary<int, Watched> _watched = new();
    private readonly int _epoll;
    private readonly int _wake;
    private readonly Thread _thread;
    private volatile bool _stopping;

    public ExitWatcher()
    {
        _epoll = LibC.EpollCreate(0x80000);
        _wake = LibC.EventDescriptor(0, 0x80000);
        Invariant.That(_epoll >= 0 && _wake >= 0, "the kernel offers epoll and eventfd");
        Add(_wake);
        _thread = new Thread(Run) { IsBackground = true, Name = "exit watcher" };
        _thread.Start();
    }

    /// <summary>Watches a process that this agent has started.</summary>
    public Task<ProcessExit> WatchChild(Session session) => Watch(session, isChild: true);

    /// <summary>Watches a process that an agent before this one has started.</summary>
    public Task<ProcessExit> WatchAdopted(Session session) => Watch(session, isChild: false);

    public void Dispose()
    {
        _stopping = true;
        _ = LibC.Write(_wake, 1UL, sizeof(ulong));
        _thread.Join();
        foreach (var descriptor in _watched.Keys)
        {
            _ = LibC.Close(descriptor);
        }

        _ = LibC.Close(_wake);
        _ = LibC.Close(_epoll);
    }

    private Task<ProcessExit> Watch(Session session, bool isChild)
    {
        var watched = new Watched(session, isChild);
        if (!isChild && !ProcFs.IsAlive(session.Leader))
        {
            watched.Done.SetResult(ProcessExit.Unknown);
            return watched.Done.Task;
        }

        var descriptor = LibC.OpenPidDescriptor(session.Leader.Pid);
        if (descriptor < 0)
        {
            Invariant.That(Marshal.GetLastPInvokeError() != LibC.NotImplemented, "the kernel is 5.3 or newer (pidfd_open)");
            watched.Done.SetResult(isChild ? Reap(session) : ProcessExit.Unknown);
            return watched.Done.Task;
        }

        // Between the look at /proc and the open, the adopted one may have ended and its pid may be another's.
        if (!isChild && !ProcFs.IsAlive(session.Leader))
        {
            _ = LibC.Close(descriptor);
            watched.Done.SetResult(ProcessExit.Unknown);
            return watched.Done.Task;
        }

        _watched[descriptor] = watched;
        Add(descriptor);
        return watched.Done.Task;
    }

    private void Add(int descriptor)
    {
        var wanted = new LibC.EpollEvent();
        Pack(ref wanted, LibC.EpollIn, descriptor);
        Invariant.That(LibC.EpollControl(_epoll, LibC.EpollAdd, descriptor, ref wanted) == 0, "epoll takes a pidfd");
    }

    private unsafe void Run()
    {
        // Twice the bytes: on arm64 the kernel's structure is padded to 16 bytes, on x86-64 it is 12.
        var events = stackalloc LibC.EpollEvent[EventsMax * 2];
        while (!_stopping)
        {
            var count = LibC.EpollWait(_epoll, events, EventsMax, -1);
            for (var i = 0; i < count; i++)
            {
                var descriptor = Unpack((byte*)events, i);
                if (_watched.TryRemove(descriptor, out var watched))
                {
                    _ = LibC.Close(descriptor);
                    watched.Done.SetResult(watched.IsChild ? Reap(watched.Session) : ProcessExit.Unknown);
                }
            }
        }
    }

    private static ProcessExit Reap(Session session)
    {
        session.Kill();
        int reaped, status;
        while ((reaped = LibC.WaitPid(session.Leader.Pid, out status, 0)) < 0
            && Marshal.GetLastPInvokeError() == LibC.Interrupted)
        {
        }

        var signal = status & 0x7f;
        return reaped != session.Leader.Pid ? ProcessExit.Unknown
            : signal == 0 ? new ProcessExit((status >> 8) & 0xff, null)
            : new ProcessExit(null, signal);
    }

    /// <summary>struct epoll_event is packed on x86-64 only: the data word stands at 4 there and at 8 elsewhere.</summary>
    private static void Pack(ref LibC.EpollEvent wanted, uint events, int descriptor)
    {
        wanted.Events = events;
        wanted.DataLow = descriptor;
        wanted.DataHigh = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 0 : descriptor;
    }

    private static unsafe int Unpack(byte* events, int index) =>
        RuntimeInformation.ProcessArchitecture == Architecture.X64
            ? *(int*)(events + (index * 12) + 4)
            : *(int*)(events + (index * 16) + 8);

    private sealed record Watched(Session Session, bool IsChild)
    {
        public TaskCompletionSource<ProcessExit> Done { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
