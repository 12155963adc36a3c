using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mainstay.Tests.Router.Pipeline;

/// <summary>
/// A server of raw bytes behind the router: it records each request exactly as it came and answers what the test says.
/// Null closes the connection without an answer; an answer that begins with "!" is sent without it and then closed.
/// </summary>
internal sealed class RawOrigin : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<OriginRequest, string?> _answer;
    private readonly ConcurrentBag<Socket> _sockets = [];
    private int _connections;

    public RawOrigin(Func<OriginRequest, string?> answer)
    {
        _answer = answer;
        _listener.Start();
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections => _connections;

    public BlockingCollection<OriginRequest> Requests { get; } = [];

    /// <summary>The next request, which must come soon.</summary>
    public OriginRequest Next()
    {
        Assert.True(Requests.TryTake(out var request, TimeSpan.FromSeconds(10)), "a request reached the origin");
        return request;
    }

    public static string Ok(string body) => $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    public void Dispose()
    {
        _listener.Stop();
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                var socket = _listener.AcceptSocket();
                _sockets.Add(socket);
                var number = Interlocked.Increment(ref _connections);
                new Thread(() => Serve(socket, number)) { IsBackground = true }.Start();
            }
        }
        catch (Exception fault) when (fault is SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private void Serve(Socket socket, int connection)
    {
        try
        {
            var stream = new MessageReader(socket);
            for (var number = 1; stream.ReadMessage() is { } text; number++)
            {
                var request = new OriginRequest(text, connection, number, socket);
                Requests.Add(request);
                var answer = _answer(request);
                if (answer is null || answer.StartsWith('!'))
                {
                    socket.Send(Encoding.Latin1.GetBytes(answer?[1..] ?? ""));
                    socket.Close();
                    return;
                }

                socket.Send(Encoding.Latin1.GetBytes(answer));
            }
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            // The router or the test has ended the connection.
        }
    }
}

/// <param name="Text">head and body as they came</param>
/// <param name="Connection">counts the origin's connections</param>
/// <param name="Number">counts the requests of the connection</param>
/// <param name="Socket">for tests that do more than answer</param>
internal sealed record OriginRequest(string Text, int Connection, int Number, Socket Socket);
