using Mainstay.Router.EventLoops;
using Mainstay.Router.Transport;

namespace Mainstay.Router.Pipeline;

/// <summary>One end of a tunnel: what came from it, and the way to it.</summary>
internal interface IPipeEnd
{
    ByteBuffer? Received { get; }

    ByteTransport Transport { get; }

    bool Readable { get; set; }

    bool Writable { get; set; }

    int Receive();
}

/// <summary>
/// After a switch of protocols: bytes both ways, unread. Each direction ends by itself; the tunnel is over when both
/// have,
/// when either side breaks, or when nothing has moved for long.
/// </summary>
internal static class Tunnel
{
    public static void Pump(Call call)
    {
        for (var round = 0; round < Limits.PumpRoundsMax; round++)
        {
            var down = call.Client.Out is not null
                ? Flush(call)
                : Move(call.Upstream!, call.Client, ref call.UpstreamEnded); // A tunnel has both ends.
            var up = Move(call.Client, call.Upstream!, ref call.CallerEnded);
            if (down > Step.Moves || up > Step.Moves || (call.CallerEnded && call.UpstreamEnded))
            {
                call.Client.Close(reset: down > Step.Moves || up > Step.Moves);
                return;
            }

            if (down == Step.Waits && up == Step.Waits)
            {
                Deadlines.Arm(call);
                return;
            }

            call.LastMoveMicros = call.Loop.Events.NowMicros;
        }

        Deadlines.Arm(call);
        call.Loop.Events.Again(call.Client);
    }

    /// <summary>The head of the 101 itself.</summary>
    private static Step Flush(Call call)
    {
        var waiting = call.Client.Out!; // The caller has looked.
        var step = Send(waiting, call.Client);
        if (waiting.IsEmpty)
        {
            call.Loop.Events.Buffers.Return(ref call.Client.Out);
        }

        return step;
    }

    private static Step Move(IPipeEnd from, IPipeEnd to, ref bool ended)
    {
        if (from.Received is { IsEmpty: false } waiting)
        {
            return Send(waiting, to);
        }

        if (ended || !from.Readable)
        {
            return Step.Waits;
        }

        var count = from.Receive();
        if (count == 0)
        {
            ended = true;
            to.Transport.EndSending();
            return Step.Moves;
        }

        return count > 0 ? Step.Moves : count == ByteTransport.WouldBlock ? Step.Waits : Step.CallerGone;
    }

    private static Step Send(ByteBuffer waiting, IPipeEnd to)
    {
        if (!to.Writable)
        {
            return Step.Waits;
        }

        var length = waiting.Length;
        var count = to.Transport.Send(waiting.Filled);
        to.Writable = count == length;
        if (count < 0)
        {
            return count == ByteTransport.WouldBlock ? Step.Waits : Step.CallerGone;
        }

        waiting.Consume(count);
        return Step.Moves;
    }
}
