using Mainstay.Router.Discovery;
using Mainstay.Router.Http1;
using Mainstay.Router.Linux;
using Mainstay.Router.EventLoops;
using Mainstay.Router.Transport;

namespace Mainstay.Router.Pipeline;

/// <summary>
/// A caller's connection. It reads one head at a time and lends itself to one <see cref="Call"/> at a time; what a
/// caller
/// sends ahead stays in its buffer until its turn. While it is idle it holds neither buffer nor head.
/// </summary>
internal sealed class ClientConnection : Watched, ITimed, IPipeEnd
{
    private readonly PlainTransport _transport = new();
    private readonly TimerNode _timer;
    private bool _lingers;
    private int _lingerBytes;

    public ByteBuffer? In;
    public ByteBuffer? Out;
    public RequestHead? Head;

    public ClientConnection(RouterLoop loop)
    {
        Loop = loop;
        _timer = new TimerNode(this);
        Call = new Call(this);
    }

    public RouterLoop Loop { get; }

    public Call Call { get; }

    public Caller Caller { get; private set; } = Caller.Anyone;

    public ByteTransport Transport => _transport;

    public ByteBuffer? Received => In;

    public bool Readable { get; set; }

    public bool Writable { get; set; }

    /// <summary>When the caller said that it will send no more; 0 while it has not.</summary>
    public long HalfClosedMicros { get; private set; }

    public bool Open(int descriptor, Caller caller)
    {
        _transport.Open(descriptor);
        Caller = caller;
        Readable = false;
        Writable = true;
        HalfClosedMicros = 0;
        _lingers = false;
        if (!Loop.Events.Watch(this, descriptor))
        {
            _transport.Close(reset: false);
            return false;
        }

        SetDeadline(Loop.Events.NowMicros + Loop.Settings.IdleMicros);
        return true;
    }

    public void SetDeadline(long deadlineMicros) => Loop.Events.Timers.Set(_timer, deadlineMicros);

    public override void OnEvents(uint flags)
    {
        if ((flags & (Epoll.Failed | Epoll.HungUp)) != 0)
        {
            Close(reset: false);
            return;
        }

        Readable |= (flags & (Epoll.Readable | Epoll.PeerClosed)) != 0;
        Writable |= (flags & Epoll.Writable) != 0;
        if ((flags & Epoll.PeerClosed) != 0 && HalfClosedMicros == 0)
        {
            HalfClosedMicros = Loop.Events.NowMicros;
        }

        OnAgain();
    }

    public override void OnAgain()
    {
        if (Call.IsActive)
        {
            Call.Pump();
        }
        else if (_lingers)
        {
            Discard();
        }
        else
        {
            ReadHead();
        }
    }

    public void OnDeadline(long nowMicros)
    {
        if (Call.IsActive)
        {
            Call.OnDeadline(nowMicros);
        }
        else if (!_lingers && In is { IsEmpty: false })
        {
            // A head that dribbles in (slow-loris) is told why; a silent connection is just closed.
            Call.Refuse(Reason.RequestTimeout, HttpFault.None);
        }
        else
        {
            Close(reset: false);
        }
    }

    /// <summary>The call is over and the connection stays: on to what the caller has sent meanwhile.</summary>
    public void Next(int used)
    {
        In?.Consume(used);
        Loop.Return(ref Head);
        if (Loop.IsDraining)
        {
            Close(reset: false);
            return;
        }

        if (In is { IsEmpty: false } || Readable)
        {
            Loop.Events.Again(this);
            SetDeadline(Loop.Events.NowMicros + Loop.Settings.HeadMicros);
            return;
        }

        Loop.Events.Buffers.Return(ref In);
        SetDeadline(Loop.Events.NowMicros + Loop.Settings.IdleMicros);
    }

    /// <summary>
    /// The answer is out and the connection ends. If the caller may still be sending, closing at once would reset the
    /// connection and could destroy the answer on its way (RFC 9112 section 9.6): read on for a while, then close.
    /// </summary>
    public void EndGently(bool requestIsWhole)
    {
        if (requestIsWhole && !Readable && HalfClosedMicros == 0)
        {
            Close(reset: false);
            return;
        }

        _transport.EndSending();
        _lingers = true;
        _lingerBytes = 0;
        SetDeadline(Loop.Events.NowMicros + (Limits.LingerMilliseconds * 1000L));
        Loop.Events.Again(this);
    }

    public void CloseIfIdle()
    {
        if (!Call.IsActive && !_lingers && In is null)
        {
            Close(reset: false);
        }
    }

    public void Close(bool reset)
    {
        if (Slot < 0)
        {
            return;
        }

        Call.Abandon();
        Loop.Events.Timers.Remove(_timer);
        Loop.Events.Forget(this);
        _transport.Close(reset);
        Loop.Events.Buffers.Return(ref In);
        Loop.Events.Buffers.Return(ref Out);
        Loop.Return(ref Head);
        Loop.Closed(this);
    }

    /// <summary>
    /// Receives into the free bytes of <see cref="In"/>. A short count means that the socket is empty now.
    /// </summary>
    /// <returns>as <see cref="ByteTransport.Receive"/></returns>
    public int Receive()
    {
        In ??= Loop.Events.Buffers.Rent();
        var free = In.FreeLength;
        var count = _transport.Receive(In.Free);
        // The end that epoll has told of will not be told again: go and fetch it.
        Readable = count == free || (count > 0 && HalfClosedMicros != 0);
        if (count > 0)
        {
            In.Grow(count);
        }

        return count;
    }

    private void ReadHead()
    {
        var started = In is { IsEmpty: false };
        if (started && TryBegin())
        {
            return;
        }

        while (Readable)
        {
            if (In is { FreeLength: 0 })
            {
                In.Compact();
            }

            var count = Receive();
            if (count is 0 or ByteTransport.Broken)
            {
                Close(reset: false);
                return;
            }

            if (count > 0 && TryBegin())
            {
                return;
            }
        }

        if (In is { IsEmpty: true })
        {
            Loop.Events.Buffers.Return(ref In);
            SetDeadline(Loop.Events.NowMicros + Loop.Settings.IdleMicros);
        }
        else if (In is not null && !started)
        {
            SetDeadline(Loop.Events.NowMicros + Loop.Settings.HeadMicros);
        }
    }

    /// <returns>whether the head is done with, one way or the other</returns>
    private bool TryBegin()
    {
        Head ??= Loop.RentRequestHead();
        switch (Head.Parse(In!.Filled)) // Only called with bytes in it.
        {
            case ParseStatus.Complete:
                Call.Begin();
                return true;
            case ParseStatus.Invalid:
                Call.Refuse(Reason.BadRequest, Head.Fault);
                return true;
            default:
                return false;
        }
    }

    private void Discard()
    {
        In?.Clear();
        while (Readable && _lingerBytes < Limits.LingerBytesMax)
        {
            var count = Receive();
            if (count is 0 or ByteTransport.Broken)
            {
                Close(reset: false);
                return;
            }

            _lingerBytes += Math.Max(count, 0);
            In!.Clear(); // Receive has made it.
        }

        if (_lingerBytes >= Limits.LingerBytesMax)
        {
            Close(reset: false);
        }
    }
}
