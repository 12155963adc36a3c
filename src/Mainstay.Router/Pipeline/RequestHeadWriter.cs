using Mainstay.Router.Http1;
using Mainstay.Router.EventLoops;

namespace Mainstay.Router.Pipeline;

/// <summary>
/// The request's head anew: origin form, our version, the Host that was routed on, without what belongs to the caller's
/// hop, with Via. Lines that stay are copied in whole runs. The body's first bytes go right behind it where they fit.
/// X-Forwarded-For and Forwarded are left as they are: between services, who calls is told by identity, not by a
/// header.
/// </summary>
internal static class RequestHeadWriter
{
    public static void Write(Call call)
    {
        var upstream = call.Upstream!; // Connected just now.
        var message = call.Client.In!.Filled; // Not committed: nothing was sent yet.
        var head = call.Head;
        var to = call.Loop.Events.Buffers.Rent();
        upstream.Out = to;
        to.Append(head.MethodText(message));
        to.Append((byte)' ');
        WriteTarget(to, head, message);
        to.Append(" HTTP/1.1\r\n"u8);
        if (head.Form == TargetForm.Absolute)
        {
            to.Append("Host: "u8);
            to.Append(head.Authority(message));
            to.Append("\r\n"u8);
        }

        WriteLines(to, head, message);
        if (head.Method == Method.Options && Admission.ForwardsLeft(call) is var left and > 0)
        {
            to.Append("max-forwards: "u8);
            Decimal.Append(to, left - 1);
            to.Append("\r\n"u8);
        }

        if (IsWebSocket(head, message))
        {
            to.Append("connection: upgrade\r\nupgrade: websocket\r\n"u8);
        }

        if (call.Detour.Fallback is { } fallback)
        {
            to.Append(fallback.RequestLine);
        }

        to.Append("via: 1.1 mainstay\r\n\r\n"u8);
        call.Sent = head.Length;
        var body = call.Verified - head.Length;
        if (body > 0 && body <= Math.Min(Limits.CoalesceBytesMax, to.FreeLength))
        {
            to.Append(message.Slice(head.Length, body));
            call.Sent = call.Verified;
        }
    }

    /// <summary>
    /// Only WebSocket is a change of protocol that callers use; another (h2c) would be a way around this parser.
    /// </summary>
    public static bool IsWebSocket(RequestHead head, ReadOnlySpan<byte> message)
    {
        var headers = head.Headers;
        return headers is { SaysUpgrade: true, UpgradeLine: >= 0, ContentLength: <= 0, Coding: Coding.None } &&
            head is { Method: Method.Get, MinorVersion: 1 } &&
            System.Text.Ascii.EqualsIgnoreCase(headers.Lines[headers.UpgradeLine].Value(message), "websocket"u8);
    }

    private static void WriteTarget(ByteBuffer to, RequestHead head, ReadOnlySpan<byte> message)
    {
        var path = head.Path(message);
        if (path.IsEmpty && head.Method == Method.Options)
        {
            // RFC 9112 section 3.2.4: an absolute target without a path means the server itself.
            to.Append((byte)'*');
            return;
        }

        if (path.IsEmpty || path[0] == (byte)'?')
        {
            to.Append((byte)'/');
        }

        to.Append(path);
    }

    private static void WriteLines(ByteBuffer to, RequestHead head, ReadOnlySpan<byte> message)
    {
        var run = -1;
        var end = 0;
        foreach (ref readonly var line in head.Headers.Lines)
        {
            var stays = !line.Dropped && !(line.Field == KnownField.Host && head.Form == TargetForm.Absolute) &&
                !(line.Field == KnownField.Expect && head.MinorVersion == 0) &&
                !(line.Field == KnownField.MaxForwards && head.Method == Method.Options);
            if (stays)
            {
                run = run < 0 ? line.Start : run;
                end = line.End;
            }
            else if (run >= 0)
            {
                to.Append(message[run..end]);
                run = -1;
            }
        }

        if (run >= 0)
        {
            to.Append(message[run..end]);
        }
    }
}
