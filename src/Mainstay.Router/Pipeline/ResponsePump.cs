using Mainstay.Router.Http1;
using Mainstay.Router.EventLoops;
using Mainstay.Router.Transport;

namespace Mainstay.Router.Pipeline;

/// <summary>
/// The answer back to the caller, as fast as it takes it. The endpoint's bytes are received only when those before them
/// have gone. Interim answers (1xx) pass at once; a final head is read whole before a byte of it is passed on.
/// </summary>
internal static class ResponsePump
{
    /// <summary>Interim answers of one call; more of them are an attack or a bug.</summary>
    private const int InterimMax = 32;

    public static Step Next(Call call)
    {
        if (call.Client.Out is not null)
        {
            return Flush(call);
        }

        if (call.AnswerWhole)
        {
            return Step.Over;
        }

        var upstream = call.Upstream;
        if (upstream is null or { IsConnected: false })
        {
            return Step.Waits;
        }

        if (call.ResponseVerified > 0)
        {
            return SendBody(call, upstream);
        }

        if (!call.HasResponseHead && upstream.In is { IsEmpty: false })
        {
            var parsed = Parse(call, upstream);
            if (parsed != Step.Waits)
            {
                return parsed;
            }
        }

        return Receive(call, upstream);
    }

    private static Step Flush(Call call)
    {
        var client = call.Client;
        if (!client.Writable)
        {
            return Step.Waits;
        }

        var waiting = client.Out!; // The caller has looked.
        var count = client.Transport.Send(waiting.Filled);
        if (count < 0)
        {
            client.Writable = false;
            return count == ByteTransport.WouldBlock ? Step.Waits : Step.CallerGone;
        }

        waiting.Consume(count);
        if (!waiting.IsEmpty)
        {
            client.Writable = false;
            return Step.Waits;
        }

        call.Loop.Events.Buffers.Return(ref client.Out);
        return call.AnswerWhole ? Step.Over : Step.Moves;
    }

    private static Step SendBody(Call call, UpstreamConnection upstream)
    {
        var client = call.Client;
        if (!client.Writable)
        {
            return Step.Waits;
        }

        var buffer = upstream.In!; // It holds what was verified.
        var waiting = buffer.Filled[..call.ResponseVerified];
        var count = client.Transport.Send(waiting);
        if (count < 0)
        {
            client.Writable = false;
            return count == ByteTransport.WouldBlock ? Step.Waits : Step.CallerGone;
        }

        client.Writable = count == waiting.Length;
        buffer.Consume(count);
        call.ResponseVerified -= count;
        call.AnswerWhole = call.ResponseVerified == 0 && call.ResponseBody.IsDone;
        return Step.Moves;
    }

    private static Step Receive(Call call, UpstreamConnection upstream)
    {
        if (!upstream.Readable)
        {
            return Step.Waits;
        }

        // Room at the end is all there is: what was before has gone, except the beginning of a head.
        upstream.In?.Compact();
        var count = upstream.Receive();
        if (count <= 0)
        {
            return count == ByteTransport.WouldBlock ? Step.Waits : Ended(call, count);
        }

        return call.HasResponseHead ? TakeBody(call, upstream.In!) : Step.Moves; // Receive has made it.
    }

    private static Step Ended(Call call, int outcome)
    {
        if (call.HasResponseHead && call.ResponseBody.Kind == BodyKind.UntilClose && outcome == 0)
        {
            call.AnswerWhole = true;
            return Step.Moves;
        }

        return Step.UpstreamClosed;
    }

    private static Step Parse(Call call, UpstreamConnection upstream)
    {
        var buffer = upstream.In!; // The caller has looked.
        call.Response ??= call.Loop.RentResponseHead();
        var response = call.Response;
        switch (response.Parse(buffer.Filled))
        {
            case ParseStatus.NeedMore:
                return Step.Waits;
            case ParseStatus.Invalid:
                return Step.BadResponse;
            default:
                return response.Status < 200 ? TakeInterim(call, buffer) : TakeFinal(call, buffer);
        }
    }

    private static Step TakeInterim(Call call, ByteBuffer buffer)
    {
        var response = call.Response!; // Just parsed.
        if (response.Status == 101)
        {
            if (!MaySwitch(call))
            {
                return Step.BadResponse;
            }

            ResponseHeadWriter.WriteSwitch(call, buffer.Filled);
            buffer.Consume(response.Length);
            call.Status = 101;
            call.AnswerStarted = true;
            return Step.Switched;
        }

        if (++call.InterimCount > InterimMax)
        {
            return Step.BadResponse;
        }

        // A caller that speaks 1.0 knows no interim answers (RFC 9110 section 15.2).
        if (call.Head.MinorVersion == 1)
        {
            ResponseHeadWriter.WriteInterim(call, buffer.Filled);
        }

        buffer.Consume(response.Length);
        response.Reset();
        return Step.Moves;
    }

    private static bool MaySwitch(Call call) =>
        // Uncommitted: it lies there.
        !call.IsCommitted && RequestHeadWriter.IsWebSocket(call.Head, call.Client.In!.Filled);

    private static Step TakeFinal(Call call, ByteBuffer buffer)
    {
        var response = call.Response!; // Just parsed.
        if (response.Status >= 500 &&
            (Fallbacks.TakesOver(call, wasSent: true) || Fallbacks.TurnsDown(call, wasSent: true)))
        {
            return Step.Failover;
        }

        var kind = FrameOf(call, response);
        call.HasResponseHead = true;
        call.ResponseBody.Begin(kind, response.Headers.ContentLength);
        call.Unchunks = kind == BodyKind.Chunked && call.Head.MinorVersion == 0;
        call.Status = response.Status;
        call.KeepsUpstream = response.KeepsAlive && kind != BodyKind.UntilClose;
        call.KeepsClient = call.Head.KeepsAlive && !call.Loop.IsDraining && kind != BodyKind.UntilClose &&
            !call.Unchunks && call.RequestBody.IsDone;
        ResponseHeadWriter.WriteFinal(call, buffer.Filled);
        buffer.Consume(response.Length);
        if (TakeBody(call, buffer) == Step.BadResponse)
        {
            call.Loop.Events.Buffers.Return(ref call.Client.Out);
            return Step.BadResponse;
        }

        Measuring.Answered(call);
        call.AnswerStarted = true;
        Coalesce(call, buffer);
        return Step.Moves;
    }

    private static BodyKind FrameOf(Call call, ResponseHead response)
    {
        if (call.Head.Method == Method.Head || response.Status is 204 or 304)
        {
            return BodyKind.None;
        }

        return response.Headers.Coding == Coding.Chunked ? BodyKind.Chunked
            : response.Headers.ContentLength >= 0 ? BodyKind.Length : BodyKind.UntilClose;
    }

    private static Step TakeBody(Call call, ByteBuffer buffer)
    {
        if (call.Unchunks)
        {
            call.ResponseVerified = call.ResponseBody.Unchunk(buffer.FilledForChange, out var taken);
            // What follows the end of the body makes the connection unfit for another call; here it is cut off.
            call.KeepsUpstream &= taken == buffer.Length;
            buffer.Truncate(call.ResponseVerified);
        }
        else
        {
            call.ResponseVerified = call.ResponseBody.Take(buffer.Filled);
        }

        if (call.ResponseBody.IsInvalid)
        {
            return Step.BadResponse;
        }

        call.AnswerWhole = call.ResponseVerified == 0 && call.ResponseBody.IsDone;
        return Step.Moves;
    }

    /// <summary>A small body leaves with its head.</summary>
    private static void Coalesce(Call call, ByteBuffer buffer)
    {
        var head = call.Client.Out!; // The head was written to it.
        var body = call.ResponseVerified;
        if (body > 0 && body <= Math.Min(Limits.CoalesceBytesMax, head.FreeLength))
        {
            head.Append(buffer.Filled[..body]);
            buffer.Consume(body);
            call.ResponseVerified = 0;
            call.AnswerWhole = call.ResponseBody.IsDone;
        }
    }
}
