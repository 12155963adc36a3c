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
    private readonly ConcurrentDictionary<ProcessIdentity, Lazy<Task<ProcessExit>>> _byLeader = new();
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

    /// <summary>
    /// Ends when the session's leader does, with its exit code if it is this process's child. Asked twice, answers
    /// both.
    /// </summary>
    public Task<ProcessExit> Watch(Session session) =>
        _byLeader.GetOrAdd(session.Leader, _ => new Lazy<Task<ProcessExit>>(() => Begin(session))).Value;

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

    private Task<ProcessExit> Begin(Session session)
    {
        var watched = new Watched(session);
        var descriptor = LibC.OpenPidDescriptor(session.Leader.Pid);
        Invariant.That(
            descriptor >= 0 || Marshal.GetLastPInvokeError() != LibC.NotImplemented,
            "the kernel is 5.3 or newer (pidfd_open)");

        // Opened first and compared then, so that the descriptor is the leader's and not that of a later process.
        if (descriptor >= 0 && ProcFs.Identify(session.Leader.Pid) == session.Leader)
        {
            _watched[descriptor] = watched;
            Add(descriptor);
            return watched.Done.Task;
        }

        if (descriptor >= 0)
        {
            _ = LibC.Close(descriptor);
        }

        _byLeader.TryRemove(session.Leader, out _);
        return Task.FromResult(ProcessExit.Unknown);
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
                    _byLeader.TryRemove(watched.Session.Leader, out _);
                    watched.Done.SetResult(Reap(watched.Session));
                }
            }
        }
    }

    /// <summary>The kernel refuses a wait for what is not our child: adopted ones end without a code.</summary>
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

    /// <summary>
    /// struct epoll_event is packed on x86-64 only: the data word stands at 4 there and at 8 elsewhere.
    /// </summary>
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

    private sealed record Watched(Session Session)
    {
        public TaskCompletionSource<ProcessExit> Done { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
