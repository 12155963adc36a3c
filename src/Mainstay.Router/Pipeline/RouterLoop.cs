using Mainstay.Router.Balancing;
using Mainstay.Router.Discovery;
using Mainstay.Router.Http1;
using Mainstay.Router.EventLoops;
using Mainstay.Router.Metrics;
using Mainstay.Router.Resilience;

namespace Mainstay.Router.Pipeline;

/// <summary>
/// Everything one thread needs to carry calls: its event loop, its view of the table, its pools. Nothing is shared with
/// the
/// other loops except the current <see cref="RouteTable"/>, which is read once per call.
/// </summary>
internal sealed class RouterLoop : IDisposable
{
    private readonly TableSource _source;
    private readonly Stack<ClientConnection> _clients = new();
    private readonly Stack<UpstreamConnection> _upstreams = new();
    private readonly Stack<RequestHead> _requestHeads = new();
    private readonly Stack<ResponseHead> _responseHeads = new();
    private readonly HashSet<ClientConnection> _open = [];
    private readonly LoopTable _table;

    public RouterLoop(TableSource source, ServiceNames names, CallSettings settings, RouterWorld world)
    {
        _source = source;
        _table = new LoopTable(world.Random, settings.UsesFallbacks ? source.Agreements : null);
        Names = names;
        Settings = settings;
        Events = new EventLoop(world.Time);
    }

    public EventLoop Events { get; }

    public ServiceNames Names { get; }

    public CallSettings Settings { get; }

    /// <summary>Calls whose service nobody knows.</summary>
    public ServiceCounters Unknown { get; } = new("", "");

    /// <summary>For readers on other threads: every service with its counters and balancers.</summary>
    public ReadOnlySpan<ServiceState> Known => _table.Known;

    public int ClientCount => _open.Count;

    /// <summary>The process is about to stop: calls end, connections close after them.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>The table as of now, with this loop's state beside it.</summary>
    public LoopTable Table
    {
        get
        {
            _table.Follow(_source.Current, _source.Wishes, Events.NowMicros);
            return _table;
        }
    }

    public void FollowTable() => _table.Follow(_source.Current, _source.Wishes, Events.NowMicros);

    public void Accept(int descriptor, Caller caller)
    {
        if (_open.Count >= Limits.ClientConnectionsPerLoopMax || IsDraining)
        {
            _ = Linux.Libc.close(descriptor);
            return;
        }

        var client = _clients.Count > 0 ? _clients.Pop() : new ClientConnection(this);
        if (client.Open(descriptor, caller))
        {
            _open.Add(client);
        }
        else
        {
            _clients.Push(client);
        }
    }

    public void Closed(ClientConnection client)
    {
        _open.Remove(client);
        _clients.Push(client);
    }

    public UpstreamConnection RentUpstream() => _upstreams.Count > 0 ? _upstreams.Pop() : new UpstreamConnection(this);

    public void Closed(UpstreamConnection upstream) => _upstreams.Push(upstream);

    public RequestHead RentRequestHead()
    {
        var head = _requestHeads.Count > 0 ? _requestHeads.Pop() : new RequestHead();
        head.Reset();
        return head;
    }

    public ResponseHead RentResponseHead()
    {
        var head = _responseHeads.Count > 0 ? _responseHeads.Pop() : new ResponseHead();
        head.Reset();
        return head;
    }

    public void Return(ref RequestHead? head)
    {
        if (head is not null)
        {
            _requestHeads.Push(head);
            head = null;
        }
    }

    public void Return(ref ResponseHead? head)
    {
        if (head is not null)
        {
            _responseHeads.Push(head);
            head = null;
        }
    }

    /// <summary>
    /// On the loop's thread: callers are let go after their call, and idle ones at once, if that is wished for: a
    /// caller that is about to send its next call would lose it.
    /// </summary>
    public void Drain(bool closesIdle)
    {
        IsDraining = true;
        if (!closesIdle)
        {
            return;
        }

        foreach (var client in _open.ToArray())
        {
            client.CloseIfIdle();
        }
    }

    public void Dispose()
    {
        foreach (var client in _open.ToArray())
        {
            client.Close(reset: false);
        }

        Events.Dispose();
    }
}

/// <summary>Time and chance; chance is one loop's own.</summary>
internal sealed record RouterWorld(TimeProvider Time, Random Random);

/// <summary>Where the current table is: written by discovery, read by every loop.</summary>
internal sealed class TableSource
{
    private RouteTable _current = RouteTable.Empty;
    private FallbackWishes _wishes = FallbackWishes.None;

    /// <summary>What the loops that read it agree upon.</summary>
    public FallbackAgreements Agreements { get; } = new();

    public RouteTable Current => Volatile.Read(ref _current);

    /// <summary>What a person wants of fallbacks.</summary>
    public FallbackWishes Wishes => Volatile.Read(ref _wishes);

    /// <summary>After a new table or wish is in place, on the publisher's thread.</summary>
    public event Action? Published;

    public void Publish(FallbackWishes wishes)
    {
        Volatile.Write(ref _wishes, wishes);
        Published?.Invoke();
    }

    public void Publish(RouteTable table)
    {
        Volatile.Write(ref _current, table);
        Published?.Invoke();
    }
}
