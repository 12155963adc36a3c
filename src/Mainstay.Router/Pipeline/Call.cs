using Mainstay.Kernel;
using Mainstay.Router.Balancing;
using Mainstay.Router.Http1;
using Mainstay.Router.Metrics;

namespace Mainstay.Router.Pipeline;

/// <summary>
/// One call on its way through the router. The layers, in the order in which a request meets them:
///
///     1 ClientConnection   reads the head: strictly, within bounds of size and time
///     2 Admission          refuses what must not be carried at all (CONNECT, TRACE, loops), before anything is looked
///     up
///     3 Addressing         which service and port does the caller mean?
///     4 Fallbacks          is it its fallback's turn?
///     5 Dispatch           which endpoint, over which connection? Both from what this loop alone knows
///     6 RequestHeadWriter  the head anew, without what belongs to the caller's hop
///     7 RequestPump        head and body to the endpoint, as fast as it takes them
///     8 ResponsePump       the answer back, as fast as the caller takes it (ResponseHeadWriter, Tunnel)
///     9 Retrying           when a try fails before any of its answer has been passed on: once more, or an answer of
///     ours
///     10 Measuring         counters, latency, breaker
///
/// The object holds the state that they share and is reused for the connection's next call. A call ends in
/// <see cref="Over"/>, or in <see cref="Abandon"/> when its caller's connection closes.
/// </summary>
internal sealed class Call(ClientConnection client)
{
    // === who and where ===
    public readonly ClientConnection Client = client;
    public ServiceState? Service;
    public PortState? Port;
    public EndpointState? Endpoint;
    public UpstreamConnection? Upstream;

    /// <summary>By way of a fallback?</summary>
    public Detour Detour;

    /// <summary>This try is the one call that a broken endpoint's breaker has let through.</summary>
    public bool IsProbe;

    // === times, in microseconds ===
    public long StartedMicros;
    public long TryStartedMicros;
    public long RequestSentMicros;
    public long AnsweredMicros;
    public long LastMoveMicros;

    // === the request: client.In holds [head][body so far][what the caller sent ahead] until it is committed ===
    public BodyFrame RequestBody;

    /// <summary>Bytes of client.In that belong to this request, checked.</summary>
    public int Verified;

    /// <summary>Of those, the bytes that were given to the endpoint.</summary>
    public int Sent;

    /// <summary>The request no longer lies whole in client.In, so it cannot be tried again.</summary>
    public bool IsCommitted;

    /// <summary>The endpoint takes no more of the request; it may still answer.</summary>
    public bool UploadBroken;

    // === the answer ===
    public ResponseHead? Response;
    public BodyFrame ResponseBody;

    /// <summary>Bytes of upstream.In that belong to the answer's body and may go to the caller.</summary>
    public int ResponseVerified;
    public int InterimCount;
    public bool HasResponseHead;

    /// <summary>Part of the final answer is out or on its way: there is no second try and no other answer.</summary>
    public bool AnswerStarted;

    /// <summary>All of the answer is in the hands of the client's buffers.</summary>
    public bool AnswerWhole;
    public bool Unchunks;
    public bool KeepsClient;
    public bool KeepsUpstream;
    public int Status;
    public bool ByRouter;
    public int Tries;

    public bool IsActive { get; private set; }

    public bool IsTunnel { get; private set; }

    // === a tunnel's two directions: nothing more will come from there, and the other side has been told ===
    public bool CallerEnded;
    public bool UpstreamEnded;

    /// <summary>Some of an endpoint's answer is with the caller, and the endpoint is not yet judged by it.</summary>
    public bool HasAnswerOut => AnswerStarted && HasResponseHead && !ByRouter && Upstream is not null;

    public RouterLoop Loop => Client.Loop;

    public RequestHead Head
    {
        get
        {
            Invariant.That(Client.Head is not null, "a call has a head");
            return Client.Head;
        }
    }

    /// <summary>The rest of the request has not come.</summary>
    private bool WaitsForUpload =>
        !UploadBroken && !RequestBody.IsDone && Sent == Verified && Upstream is { Out: null };

    /// <summary>The caller has not taken what lies ready for it.</summary>
    private bool WaitsForCaller => Client.Out is not null || ResponseVerified > 0;

    private bool UploadWhole => UploadBroken || (RequestBody.IsDone && Sent == Verified && Upstream?.Out is null);

    /// <summary>The head is complete.</summary>
    public void Begin()
    {
        Start();
        var bytes = Client.In!.Filled; // The head lies in it.
        var head = Head;
        RequestBody.Begin(Addressing.FrameOf(head), head.Headers.ContentLength);
        Verified = head.Length + RequestBody.Take(bytes[head.Length..]);
        if (RequestBody.IsInvalid)
        {
            Answer(Reason.BadRequest, HttpFault.ChunkSize);
            return;
        }

        if (Admission.Refusal(this) is { } refusal)
        {
            Answer(refusal, HttpFault.None);
            return;
        }

        if (Addressing.Find(this) is { } unknown)
        {
            Answer(unknown, HttpFault.None);
            return;
        }

        Service!.Counters.InFlight++; // Addressing has found it.
        Port!.Budget.CallStarted();
        Fallbacks.Enter(this);
        Try(avoid: null);
    }

    /// <summary>The request cannot be a call at all: its head is invalid or late.</summary>
    public void Refuse(Reason reason, HttpFault fault)
    {
        Start();
        Answer(reason, fault);
    }

    /// <summary>A first or another try.</summary>
    public void Try(EndpointState? avoid)
    {
        Tries++;
        Sent = 0;
        UploadBroken = false;
        HasResponseHead = false;
        ResponseVerified = 0;
        InterimCount = 0;
        RequestSentMicros = 0;
        TryStartedMicros = Loop.Events.ReadClock();
        LastMoveMicros = TryStartedMicros;
        Loop.Return(ref Response);
        switch (Dispatch.Start(this, avoid))
        {
            case DispatchOutcome.NoEndpoint:
                Fail(Reason.NoEndpoints, wasSent: false);
                break;
            case DispatchOutcome.Failed:
                ConnectFailed();
                break;
            case DispatchOutcome.Connecting:
                Deadlines.Arm(this);
                break;
            default:
                Connected();
                break;
        }
    }

    public void Connected()
    {
        RequestHeadWriter.Write(this);
        Pump();
    }

    public void ConnectFailed()
    {
        Measuring.TryFailed(this);
        DropUpstream();
        if (Retrying.AfterConnectFailure(this))
        {
            Try(avoid: Endpoint);
            return;
        }

        Fail(Reason.ConnectFailed, wasSent: false);
    }

    /// <summary>Moves what can be moved, in both directions, within bounds.</summary>
    public void Pump()
    {
        if (IsTunnel)
        {
            Tunnel.Pump(this);
            return;
        }

        for (var round = 0; round < Limits.PumpRoundsMax; round++)
        {
            var up = RequestPump.Next(this);
            if (up > Step.Moves)
            {
                End(up);
                return;
            }

            var down = ResponsePump.Next(this);
            if (down > Step.Moves)
            {
                End(down);
                return;
            }

            if (up == Step.Waits && down == Step.Waits)
            {
                Deadlines.Arm(this);
                return;
            }

            LastMoveMicros = Loop.Events.NowMicros;
            Measuring.Moved(this);
        }

        Deadlines.Arm(this);
        Loop.Events.Again(Client);
    }

    public void OnDeadline(long nowMicros)
    {
        if (HasAnswerOut && !WaitsForCaller && !WaitsForUpload)
        {
            CutOff();
            return;
        }

        if (IsTunnel || AnswerStarted || Deadlines.CallerLeft(this, nowMicros))
        {
            Client.Close(reset: AnswerStarted);
            return;
        }

        if (Upstream is { IsConnected: false })
        {
            ConnectFailed();
            return;
        }

        if (WaitsForUpload)
        {
            DropUpstream();
            Answer(Reason.RequestTimeout, HttpFault.None);
            return;
        }

        Measuring.TryFailed(this);
        DropUpstream();
        if (Retrying.AfterTimeout(this))
        {
            Try(avoid: Endpoint);
            return;
        }

        Fail(Reason.Timeout, wasSent: true);
    }

    /// <summary>The caller's connection closes under the call.</summary>
    public void Abandon()
    {
        if (!IsActive)
        {
            return;
        }

        if (HasAnswerOut && (AnswerWhole || Measuring.IsStream(this)))
        {
            Measuring.AnswerWhole(this); // All that the caller wanted of it, and the endpoint did its part.
        }

        DropUpstream();
        Measuring.CallAbandoned(this);
        Reset();
    }

    private void Start()
    {
        IsActive = true;
        StartedMicros = Loop.Events.ReadClock();
        LastMoveMicros = StartedMicros;
    }

    /// <summary>Answers in the service's place.</summary>
    private void Answer(Reason reason, HttpFault fault)
    {
        var whole = Client.Head is { Fault: HttpFault.None } && RequestBody is { IsDone: true, IsInvalid: false } &&
            Verified > 0 && !IsCommitted;
        KeepsClient = whole && Head.KeepsAlive && !Loop.IsDraining && reason != Reason.RequestTimeout;
        Status = Answers.StatusOf(reason, fault);
        ByRouter = true;
        AnswerStarted = true;
        AnswerWhole = true;
        Loop.Events.Buffers.Return(ref Client.Out);
        Client.Out = Loop.Events.Buffers.Rent();
        var isHead = Client.Head is { Method: Method.Head };
        Answers.Write(Client.Out, new OwnAnswer(reason, fault, !KeepsClient, !isHead));
        Pump();
    }

    private void End(Step step)
    {
        switch (step)
        {
            case Step.Over:
                Over();
                break;
            case Step.Switched:
                IsTunnel = true;
                Measuring.Switched(this);
                Client.In!.Consume(Verified); // The head came through it.
                Verified = 0;
                Tunnel.Pump(this);
                break;
            case Step.CallerGone:
                Client.Close(reset: AnswerStarted);
                break;
            case Step.Failover:
                Status = Response!.Status; // It was just parsed.
                Measuring.Answered(this);
                Measuring.AnswerWhole(this);
                DropUpstream();
                SendOn();
                break;
            case Step.BadRequest when !AnswerStarted:
                DropUpstream();
                Answer(Reason.BadRequest, HttpFault.ChunkSize);
                break;
            case Step.UpstreamClosed or Step.BadResponse when !AnswerStarted:
                TryFailed(step);
                break;
            case Step.UpstreamClosed or Step.BadResponse when HasAnswerOut:
                CutOff();
                break;
            default:
                Client.Close(reset: true);
                break;
        }
    }

    /// <summary>
    /// Half an answer is out, and no more of it will come: only a cut connection tells the caller that it is not the
    /// whole.
    /// </summary>
    private void CutOff()
    {
        Measuring.AnswerCut(this);
        DropUpstream();
        Client.Close(reset: true);
    }

    private void TryFailed(Step step)
    {
        var mayRetry = step == Step.UpstreamClosed && Retrying.AfterClose(this);
        // An idle connection that its endpoint has just closed says nothing against the endpoint.
        if (Upstream is { IsReused: false } || step == Step.BadResponse)
        {
            Measuring.TryFailed(this);
        }

        var reused = Upstream is { IsReused: true };
        DropUpstream();
        if (mayRetry)
        {
            Try(avoid: reused ? null : Endpoint);
            return;
        }

        Fail(step == Step.BadResponse ? Reason.BadResponse : Reason.UpstreamClosed, wasSent: true);
    }

    /// <summary>
    /// The tries have come to nothing: the fallback has the call, or the service that was passed by, or the caller an
    /// answer of ours.
    /// </summary>
    private void Fail(Reason reason, bool wasSent)
    {
        if (Fallbacks.TakesOver(this, wasSent) || Fallbacks.TurnsDown(this, wasSent))
        {
            SendOn();
            return;
        }

        Answer(reason, HttpFault.None);
    }

    /// <summary>From the service to its fallback, or back: its tries begin anew.</summary>
    private void SendOn()
    {
        Tries = 0;
        Detour.IsJudged = Detour.IsTurnedDown; // Not before: the failure that it comes from was not the service's.
        Try(avoid: null);
    }

    private void Over()
    {
        if (HasAnswerOut)
        {
            Measuring.AnswerWhole(this);
        }

        Measuring.CallEnded(this);
        var requestIsWhole = RequestBody.IsDone && !RequestBody.IsInvalid && Client.Head is { Fault: HttpFault.None };
        if (Upstream is { In: null or { IsEmpty: true } } && KeepsUpstream && UploadWhole && !UploadBroken)
        {
            var upstream = Upstream!; // The condition has just said so.
            Upstream = null;
            Endpoint!.InFlight--;
            upstream.Release();
        }
        else
        {
            DropUpstream();
        }

        var (keeps, used) = (KeepsClient && requestIsWhole, Verified);
        Reset();
        if (keeps)
        {
            Client.Next(used);
        }
        else
        {
            Client.EndGently(requestIsWhole);
        }
    }

    private void DropUpstream()
    {
        if (Upstream is null)
        {
            return;
        }

        var upstream = Upstream;
        Upstream = null;
        Endpoint!.InFlight--; // A call with a connection has an endpoint.
        if (IsProbe)
        {
            Endpoint.Breaker.Cancelled();
        }

        upstream.Close();
    }

    private void Reset()
    {
        IsActive = false;
        IsTunnel = false;
        Service = null;
        Port = null;
        Endpoint = null;
        Detour = default;
        IsProbe = false;
        Verified = 0;
        Sent = 0;
        IsCommitted = false;
        UploadBroken = false;
        ResponseVerified = 0;
        HasResponseHead = false;
        AnswerStarted = false;
        AnswerWhole = false;
        CallerEnded = false;
        UpstreamEnded = false;
        Unchunks = false;
        KeepsClient = false;
        KeepsUpstream = false;
        Status = 0;
        ByRouter = false;
        Tries = 0;
        RequestSentMicros = 0;
        RequestBody.Begin(BodyKind.None, 0);
        Loop.Return(ref Response);
    }
}
