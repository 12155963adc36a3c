using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Mainstay.Tests.Router.Pipeline;

/// <summary>
/// Reads HTTP messages from a socket as text, framed in the simplest way that can be right for the tests.
/// </summary>
internal sealed class MessageReader(Socket socket)
{
    private readonly byte[] _block = new byte[64 * 1024];
    private string _text = "";

    /// <summary>What has come and was not read as a message.</summary>
    public string Rest => _text;

    /// <param name="hasBody">false for the answer to HEAD</param>
    /// <returns>null when the other side has closed before a whole message</returns>
    public string? ReadMessage(bool hasBody = true)
    {
        while (true)
        {
            var length = LengthOf(_text, hasBody);
            if (length > 0)
            {
                var message = _text[..length];
                _text = _text[length..];
                return message;
            }

            if (!Receive())
            {
                return length < 0 && _text.Length > 0 ? _text : null;
            }
        }
    }

    public string ReadToEnd()
    {
        while (Receive())
        {
        }

        return _text;
    }

    private bool Receive()
    {
        var count = socket.Receive(_block);
        _text += Encoding.Latin1.GetString(_block, 0, count);
        return count > 0;
    }

    /// <returns>0 while the message is not whole, -1 when it ends with its connection</returns>
    private static int LengthOf(string text, bool hasBody)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        if (end < 4)
        {
            return 0;
        }

        var head = text[..end].ToLowerInvariant();
        if (!hasBody || head.StartsWith("http/1.1 1", StringComparison.Ordinal))
        {
            return end;
        }

        if (head.Contains("transfer-encoding: chunked", StringComparison.Ordinal))
        {
            var last = text.IndexOf("0\r\n\r\n", end, StringComparison.Ordinal);
            return last < 0 ? 0 : last + 5;
        }

        var field = head.IndexOf("\r\ncontent-length:", StringComparison.Ordinal);
        if (field < 0)
        {
            return head.StartsWith("http/", StringComparison.Ordinal) ? -1 : end;
        }

        var value = head[(field + 17)..head.IndexOf("\r\n", field + 2, StringComparison.Ordinal)];
        var total = end + int.Parse(value, CultureInfo.InvariantCulture);
        return text.Length >= total ? total : 0;
    }
}
