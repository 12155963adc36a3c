using Mainstay.Router.Balancing;
using Mainstay.Router.Linux;
using Mainstay.Router.EventLoops;
using Mainstay.Router.Transport;

namespace Mainstay.Router.Pipeline;

/// <summary>
/// A connection to an endpoint: connecting, then carrying one call at a time, idle in between. An idle one that becomes
/// readable was closed by its endpoint (or talks out of turn) and is dropped before a call can meet it.
/// </summary>
internal sealed class UpstreamConnection : Watched, ITimed, IPipeEnd
{
    private readonly RouterLoop _loop;
    private readonly PlainTransport _transport = new();
    private readonly TimerNode _timer;

    public ByteBuffer? In;
    public ByteBuffer? Out;
    public UpstreamConnection? IdleNext;
    public UpstreamConnection? IdlePrevious;

    public UpstreamConnection(RouterLoop loop)
    {
        _loop = loop;
        _timer = new TimerNode(this);
    }

    public ByteTransport Transport => _transport;

    public ByteBuffer? Received => In;

    public EndpointState? Endpoint { get; private set; }

    public Call? Call { get; private set; }

    public bool IsConnected { get; private set; }

    /// <summary>
    /// Has carried a call before: that it fails now may only mean that its endpoint had enough of it.
    /// </summary>
    public bool IsReused { get; private set; }

    public bool Readable { get; set; }

    public bool Writable { get; set; }

    /// <summary>The endpoint will send no more than what is already on its way.</summary>
    public bool PeerClosed { get; private set; }

    /// <returns>false when it cannot even begin to connect</returns>
    public bool Open(EndpointState endpoint, Call call)
    {
        var descriptor = Tcp.Connect(endpoint.Endpoint.KernelAddress);
        if (descriptor < 0)
        {
            return false;
        }

        _transport.Open(descriptor);
        if (!_loop.Events.Watch(this, descriptor))
        {
            _transport.Close(reset: false);
            return false;
        }

        Endpoint = endpoint;
        Call = call;
        IsConnected = false;
        IsReused = false;
        Readable = false;
        Writable = false;
        PeerClosed = false;
        return true;
    }

    /// <summary>Out of the idle ones, for a call.</summary>
    public void Resume(Call call)
    {
        _timer.DeadlineMicros = TimerNode.Never;
        Call = call;
        IsReused = true;
    }

    /// <summary>The call is over and left the connection clean: it is kept for the next one, within bounds.</summary>
    public void Release()
    {
        Call = null;
        _loop.Events.Buffers.Return(ref In);
        _loop.Events.Buffers.Return(ref Out);
        if (Readable || PeerClosed || !Endpoint!.TryKeep(this)) // It has an endpoint from Open to Close.
        {
            CloseNow();
            return;
        }

        _loop.Events.Timers.Set(_timer, _loop.Events.NowMicros + _loop.Settings.UpstreamIdleMicros);
    }

    /// <summary>For a connection that no idle list holds.</summary>
    public void Close()
    {
        Call = null;
        CloseNow();
    }

    /// <summary>
    /// Receives into the free bytes of <see cref="In"/>. A short count means that the socket is empty now.
    /// </summary>
    /// <returns>as <see cref="ByteTransport.Receive"/></returns>
    public int Receive()
    {
        In ??= _loop.Events.Buffers.Rent();
        var free = In.FreeLength;
        var count = _transport.Receive(In.Free);
        // The end that epoll has told of will not be told again: go and fetch it.
        Readable = count == free || (count > 0 && PeerClosed);
        if (count > 0)
        {
            In.Grow(count);
        }

        return count;
    }

    public override void OnEvents(uint flags)
    {
        Writable |= (flags & Epoll.Writable) != 0;
        Readable |= (flags & (Epoll.Readable | Epoll.PeerClosed | Epoll.Failed | Epoll.HungUp)) != 0;
        PeerClosed |= (flags & (Epoll.PeerClosed | Epoll.Failed | Epoll.HungUp)) != 0;
        if (Call is null)
        {
            DropIfNotIdle();
            return;
        }

        if (!IsConnected)
        {
            if (Tcp.PendingError(_transport.Descriptor) != 0 || (flags & Epoll.HungUp) != 0)
            {
                Call.ConnectFailed();
                return;
            }

            if (!Writable)
            {
                return;
            }

            IsConnected = true;
            Call.Connected();
            return;
        }

        Call.Pump();
    }

    public override void OnAgain() => Call?.Pump();

    public void OnDeadline(long nowMicros)
    {
        if (Call is null && Endpoint is not null)
        {
            Endpoint.RemoveIdle(this);
            CloseNow();
        }
    }

    private void DropIfNotIdle()
    {
        if (!Readable || Endpoint is null)
        {
            return;
        }

        if (_transport.HasInput())
        {
            Endpoint.RemoveIdle(this);
            CloseNow();
            return;
        }

        Readable = false;
    }

    private void CloseNow()
    {
        _loop.Events.Timers.Remove(_timer);
        _loop.Events.Forget(this);
        _transport.Close(reset: false);
        _loop.Events.Buffers.Return(ref In);
        _loop.Events.Buffers.Return(ref Out);
        Endpoint = null;
        _loop.Closed(this);
    }
}
