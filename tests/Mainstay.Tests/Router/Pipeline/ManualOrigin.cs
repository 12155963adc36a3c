using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mainstay.Tests.Router.Pipeline;

/// <summary>A server whose every byte the test plays by hand.</summary>
internal sealed class ManualOrigin : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public ManualOrigin() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public bool HasPending => _listener.Pending();

    public ManualConnection Accept()
    {
        Assert.True(_listener.Server.Poll(TimeSpan.FromSeconds(10), SelectMode.SelectRead), "the router has connected");
        return new ManualConnection(_listener.AcceptSocket());
    }

    public void Dispose() => _listener.Dispose();
}

/// <summary>The origin's side of one of the router's connections.</summary>
internal sealed class ManualConnection : IDisposable
{
    private readonly Socket _socket;
    private string _text = "";

    public ManualConnection(Socket socket)
    {
        _socket = socket;
        _socket.ReceiveTimeout = 10_000;
        _socket.NoDelay = true;
    }

    /// <summary>Whether the other side takes more.</summary>
    public bool CanSend => _socket.Poll(0, SelectMode.SelectWrite);

    public void Send(string text) => _socket.Send(Encoding.Latin1.GetBytes(text));

    /// <returns>everything up to and with the mark</returns>
    public string ReadUntil(string mark)
    {
        var block = new byte[16 * 1024];
        while (!_text.Contains(mark, StringComparison.Ordinal))
        {
            var count = _socket.Receive(block);
            Assert.True(count > 0, $"the connection ended before {mark}");
            _text += Encoding.Latin1.GetString(block, 0, count);
        }

        var end = _text.IndexOf(mark, StringComparison.Ordinal) + mark.Length;
        var read = _text[..end];
        _text = _text[end..];
        return read;
    }

    public bool IsEnded()
    {
        try
        {
            return _socket.Receive(new byte[1]) == 0;
        }
        catch (SocketException fault) when (fault.SocketErrorCode == SocketError.ConnectionReset)
        {
            return true;
        }
    }

    /// <summary>Cuts the connection.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();
}
