using Mainstay.Router.Transport;

namespace Mainstay.Router.Pipeline;

/// <summary>
/// Head and body to the endpoint, as fast as it takes them. Bytes are received from the caller only when those before
/// them
/// have gone, so a slow endpoint slows its caller and nothing grows. As long as the request lies whole in the caller's
/// buffer it can be tried again; when the buffer is full it is committed, and the room is used for what follows.
/// </summary>
internal static class RequestPump
{
    public static Step Next(Call call)
    {
        var upstream = call.Upstream;
        if (upstream is null or { IsConnected: false } || call.UploadBroken)
        {
            return Step.Waits;
        }

        if (upstream.Out is not null)
        {
            return SendHead(call, upstream);
        }

        if (call.Sent < call.Verified)
        {
            return SendBody(call, upstream);
        }

        return call.RequestBody.IsDone ? Step.Waits : ReceiveBody(call);
    }

    private static Step SendHead(Call call, UpstreamConnection upstream)
    {
        if (!upstream.Writable)
        {
            return Step.Waits;
        }

        var waiting = upstream.Out!; // The caller has looked.
        var count = upstream.Transport.Send(waiting.Filled);
        if (count < 0)
        {
            return Unsent(call, upstream, count);
        }

        waiting.Consume(count);
        if (!waiting.IsEmpty)
        {
            upstream.Writable = false;
            return Step.Waits;
        }

        call.Loop.Events.Buffers.Return(ref upstream.Out);
        MarkSent(call);
        return Step.Moves;
    }

    private static Step SendBody(Call call, UpstreamConnection upstream)
    {
        if (!upstream.Writable)
        {
            return Step.Waits;
        }

        var waiting = call.Client.In!.Filled[call.Sent..call.Verified]; // It holds what was verified.
        var count = upstream.Transport.Send(waiting);
        if (count < 0)
        {
            return Unsent(call, upstream, count);
        }

        call.Sent += count;
        upstream.Writable = count == waiting.Length;
        MarkSent(call);
        return Step.Moves;
    }

    private static Step Unsent(Call call, UpstreamConnection upstream, int outcome)
    {
        upstream.Writable = false;
        if (outcome == ByteTransport.WouldBlock)
        {
            return Step.Waits;
        }

        // It may have answered before it hung up (413, 401): that answer is worth more than our 502.
        call.UploadBroken = true;
        upstream.Readable = true;
        return Step.Moves;
    }

    private static Step ReceiveBody(Call call)
    {
        var client = call.Client;
        if (!client.Readable)
        {
            return Step.Waits;
        }

        var buffer = client.In!; // The request came through it.
        if (buffer.FreeLength == 0 || call.IsCommitted || call.RequestBody.Remaining > buffer.FreeLength)
        {
            // All of it has been sent and the body is not over, so nothing the caller sent ahead can be in it.
            buffer.Clear();
            call.Sent = 0;
            call.Verified = 0;
            call.IsCommitted = true;
        }

        var count = client.Receive();
        if (count <= 0)
        {
            return count == ByteTransport.WouldBlock ? Step.Waits : Step.CallerGone;
        }

        call.Verified += call.RequestBody.Take(buffer.Filled[call.Verified..]);
        return call.RequestBody.IsInvalid ? Step.BadRequest : Step.Moves;
    }

    private static void MarkSent(Call call)
    {
        if (call.RequestBody.IsDone && call.Sent == call.Verified)
        {
            call.RequestSentMicros = call.Loop.Events.NowMicros;
        }
    }
}
