using Mainstay.Router.Http1;
using Mainstay.Router.EventLoops;

namespace Mainstay.Router.Pipeline;

/// <summary>
/// The answer's head anew, to the client's empty out buffer: our version, without what belongs to the endpoint's hop.
/// </summary>
internal static class ResponseHeadWriter
{
    public static void WriteFinal(Call call, ReadOnlySpan<byte> message)
    {
        var to = Begin(call, message);
        WriteLines(to, call.Response!.Headers, message, dropsCoding: call.Unchunks); // Just parsed.
        to.Append("via: 1.1 mainstay\r\n"u8);
        if (call.Detour.Fallback is { } fallback)
        {
            to.Append(fallback.AnswerLine);
        }

        if (!call.KeepsClient)
        {
            to.Append("connection: close\r\n"u8);
        }
        else if (call.Head.MinorVersion == 0)
        {
            to.Append("connection: keep-alive\r\n"u8);
        }

        to.Append("\r\n"u8);
    }

    public static void WriteInterim(Call call, ReadOnlySpan<byte> message)
    {
        var to = Begin(call, message);
        WriteLines(to, call.Response!.Headers, message, dropsCoding: true); // Just parsed.
        to.Append("\r\n"u8);
    }

    public static void WriteSwitch(Call call, ReadOnlySpan<byte> message)
    {
        var to = Begin(call, message);
        WriteLines(to, call.Response!.Headers, message, dropsCoding: true); // Just parsed.
        to.Append("connection: upgrade\r\nupgrade: websocket\r\nvia: 1.1 mainstay\r\n\r\n"u8);
    }

    private static ByteBuffer Begin(Call call, ReadOnlySpan<byte> message)
    {
        var response = call.Response!; // Just parsed.
        var to = call.Loop.Events.Buffers.Rent();
        call.Client.Out = to;
        to.Append("HTTP/1.1 "u8);
        Decimal.Append(to, response.Status);
        to.Append((byte)' ');
        to.Append(response.Reason(message));
        to.Append("\r\n"u8);
        return to;
    }

    private static void WriteLines(ByteBuffer to, HeaderBlock headers, ReadOnlySpan<byte> message, bool dropsCoding)
    {
        var run = -1;
        var end = 0;
        foreach (ref readonly var line in headers.Lines)
        {
            var stays = !line.Dropped && !(dropsCoding && line.Field == KnownField.TransferEncoding);
            var isPlain = message[line.Start + line.NameLength] == (byte)':';
            if (stays && isPlain)
            {
                run = run < 0 ? line.Start : run;
                end = line.End;
                continue;
            }

            if (run >= 0)
            {
                to.Append(message[run..end]);
                run = -1;
            }

            if (stays)
            {
                // A blank before the colon: RFC 9112 section 5.1 has the proxy remove it.
                to.Append(line.Name(message));
                to.Append(": "u8);
                to.Append(line.Value(message));
                to.Append("\r\n"u8);
            }
        }

        if (run >= 0)
        {
            to.Append(message[run..end]);
        }
    }
}
