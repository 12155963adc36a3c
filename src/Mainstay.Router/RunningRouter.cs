using System.Net;
using Mainstay.Router.Admin;
using Mainstay.Router.Discovery;
using Mainstay.Router.EventLoops;
using Mainstay.Router.Metrics;
using Mainstay.Router.Pipeline;
using Mainstay.Router.Proof;
using Microsoft.Extensions.Logging;

namespace Mainstay.Router;

/// <summary>
/// A started router: its loops and their threads, its admin loop, its sources. The table is loaded from the disk before
/// anything else and the addresses are opened last, so that the first call finds all that is known. Where another
/// router has them, they are opened once the table is live, and that one may then be stopped: see <see
/// cref="HandOver"/>.
/// </summary>
internal sealed class RunningRouter : IAsyncDisposable
{
    private readonly RouterOptions _options;
    private readonly ILogger _logger;
    private readonly List<RouterLoop> _loops = [];
    private readonly List<LoopThread> _threads = [];
    private readonly List<Listener> _adminListeners = [];
    private readonly EventLoop _adminLoop;
    private readonly TimeProvider _time;
    private readonly ProofSetup? _proofs;
    private readonly FallbackControl _fallbacks;
    private readonly HandOver _handOver;
    private bool _serves;
    private LoopThread? _adminThread;

    private RunningRouter(RouterOptions options, ILogger logger, TimeProvider time)
    {
        _options = options;
        _logger = logger;
        _time = time;
        _adminLoop = new EventLoop(time);
        Sources = Sources.Create(options, logger, time);
        _handOver = new HandOver(options.DataDirectory, options.Instance);
        Listeners = new Listeners(_loops, _threads) { MayShare = () => _handOver.BeforeLives };
        _fallbacks = new FallbackControl(_loops, Sources.Tables, Sources.Signals, options) { Logger = logger };
        _proofs = ProofSetup.Create(options, Sources.Discovery, Sources.Signals, time);
        Sources.ProofLine = () => _proofs?.Loop.Annotation is { Length: > 0 } line ? line : null;
    }

    public Sources Sources { get; }

    public Listeners Listeners { get; }

    public FallbackControl Fallbacks => _fallbacks;

    public IReadOnlyList<RouterLoop> Loops => _loops;

    /// <summary>Where the admin pages are, with the ports the kernel gave.</summary>
    public IReadOnlyList<IPEndPoint> AdminAddresses { get; private set; } = [];

    public static async Task<RunningRouter> StartAsync(RouterOptions options, ILogger logger, TimeProvider time)
    {
        var router = new RunningRouter(options, logger, time);
        try
        {
            await router.StartAsync();
            return router;
        }
        catch
        {
            await router.DisposeAsync();
            throw;
        }
    }

    /// <summary>Until the token is cancelled, or until something ends that must not.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, _time, stop.Token);
        Task[] sources =
        [
            .. Sources.Run(stop.Token), .. Proofs(stop.Token), ServeAsync(stop.Token),
            _fallbacks.RunAsync(_time, stop.Token),
        ];
        var first = await Task.WhenAny([.. sources, .. _threads.Select(thread => thread.Ended), stopped]);
        await stop.CancelAsync();
        await Task.WhenAll(sources);
        if (first != stopped)
        {
            await first;
        }
    }

    private IEnumerable<Task> Proofs(CancellationToken cancellationToken) =>
        _proofs is null ? [] : [_proofs.Loop.RunAsync(cancellationToken)];

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!_serves)
            {
                await WaitToTakeOverAsync(cancellationToken);
                await OpenAsync();
            }

            await Sources.BindPodsAsync(Listeners, cancellationToken);
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    /// <summary>Until the table is live, or good enough for long enough, or the one before is gone.</summary>
    private async Task WaitToTakeOverAsync(CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        while (_handOver.BeforeLives && Sources.Discovery.View.State != SourceState.Live)
        {
            var waited = _time.GetElapsedTime(began);
            if (waited >= Limits.TakeOverTableMax && Sources.Tables.Current.Services.Length > 0)
            {
                return;
            }

            await Task.Delay(Limits.TakeOverLook, _time, cancellationToken);
        }
    }

    /// <summary>No new connections; calls that are out may end, within bounds.</summary>
    public async Task DrainAsync()
    {
        var isTakenOver = _handOver.IsTakenOver;
        if (isTakenOver)
        {
            await YieldAsync();
        }

        await Listeners.CloseAsync();
        var clients = _loops.Sum(loop => loop.ClientCount);
        _logger.Draining(clients, _options.DrainTimeout.TotalSeconds);
        var deadline = _time.GetTimestamp();
        while (true)
        {
            var left = 0;
            for (var index = 0; index < _loops.Count; index++)
            {
                var loop = _loops[index];
                var closesIdle = !isTakenOver || _time.GetElapsedTime(deadline) >= Limits.HandOverIdle;
                left += await _threads[index].DoAsync(() =>
                {
                    loop.Drain(closesIdle);
                    return loop.ClientCount;
                });
            }

            if (left == 0)
            {
                return;
            }

            if (_time.GetElapsedTime(deadline) >= _options.DrainTimeout)
            {
                _logger.Cut(left);
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), _time, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var thread in _threads.Append(_adminThread).OfType<LoopThread>())
        {
            thread.Stop();
            await thread.Ended.ContinueWith(_ => { }, TaskScheduler.Default);
        }

        Listeners.CloseAfterTheLoops();
        foreach (var loop in _loops)
        {
            loop.Dispose();
        }

        _adminListeners.ForEach(listener => listener.Close());
        _adminLoop.Dispose();
        _proofs?.Dispose();
        Sources.Dispose();
    }

    private async Task StartAsync()
    {
        await Sources.LoadAsync();
        _fallbacks.Load();
        var names = new ServiceNames(_options.ClusterDomain);
        var settings = CallSettings.From(_options);
        for (var index = 0; index < _options.Threads; index++)
        {
            var loop = new RouterLoop(Sources.Tables, names, settings, new RouterWorld(_time, new Random()));
            _loops.Add(loop);
            _threads.Add(LoopThread.Start(loop.Events, $"loop-{index}"));
        }

        Sources.Tables.Published += WakeLoops;
        if (_handOver is { BeforeLives: true, Before: { } before })
        {
            _logger.TakesOver(before.Pid);
            return;
        }

        await OpenAsync();
    }

    private async Task OpenAsync()
    {
        await OpenAdminAsync();
        foreach (var address in _options.Listen)
        {
            await Listeners.OpenOrThrowAsync(address);
        }

        await Sources.BindKnownPodsAsync(Listeners);
        _serves = true;
        try
        {
            _handOver.Announce();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // It serves all the same; only a hand-over to it cannot be seen to its end.
            _logger.NotAnnounced(fault.Message);
        }

        var (calls, admin) = (string.Join(", ", Listeners.Addresses), string.Join(", ", AdminAddresses));
        _logger.Started(_options.Node, calls, admin, _options.Threads);
    }

    /// <summary>
    /// New connections go to the one that takes over; those that wait at our sockets are still taken.
    /// </summary>
    private async Task YieldAsync()
    {
        _logger.HandsOver();
        await Listeners.YieldAsync();
        if (_adminThread is { } thread)
        {
            await thread.DoAsync(() =>
            {
                _adminListeners.ForEach(listener => listener.Yield(own: 1));
                return true;
            });
        }

        await Task.Delay(Limits.HandOverAccept, _time, CancellationToken.None);
        if (_adminThread is { } admin)
        {
            await admin.DoAsync(() =>
            {
                _adminListeners.ForEach(listener => listener.Close());
                return true;
            });
        }
    }

    /// <summary>
    /// Loops that have no call in hand still follow the table, to let go of connections that nobody needs.
    /// </summary>
    private void WakeLoops()
    {
        foreach (var loop in _loops)
        {
            loop.Events.Post(loop.FollowTable);
        }
    }

    private async Task OpenAdminAsync()
    {
        _adminThread = LoopThread.Start(_adminLoop, "admin");
        var identity = new AdminIdentity(_options.Node, _time.GetUtcNow());
        var proof = new ProofPage(_proofs?.Loop, identity, _time);
        var metrics = new RouterMetrics(_loops, Sources.Tables, Sources.Discovery)
        {
            Signals = Sources.Signals,
            Proof = proof,
        };
        var page = new TablePage(_loops, Sources.Tables, Sources.Discovery, identity);
        var pages = new AdminPages(_loops, Sources.Tables, metrics, page)
        {
            Proof = proof,
            Fallbacks = _fallbacks,
            Signals = new SignalsPage(Sources.Signals, Sources.Discovery, identity, _time),
        };
        var addresses = new List<IPEndPoint>();
        foreach (var address in _options.Admin)
        {
            var acceptor = new AdminAcceptor(_adminLoop, pages);
            if (Listeners.Taken(address) is var taken and not 0)
            {
                throw Listeners.CannotListen(address, taken);
            }

            var (listener, error) = await _adminThread.DoAsync(() =>
                (Listener.Open(_adminLoop, new ListenAt(address, IsShared: true), acceptor, out var code), code));
            if (listener is null)
            {
                throw Listeners.CannotListen(address, error);
            }

            _adminListeners.Add(listener);
            addresses.Add(new IPEndPoint(address.Address, listener.Port));
        }

        AdminAddresses = addresses;
    }

    private sealed class AdminAcceptor(EventLoop loop, AdminPages pages) : IAcceptor
    {
        public void Accepted(int descriptor) => AdminConnection.Open(loop, pages, descriptor);
    }
}
