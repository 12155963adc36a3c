using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Mainstay.Router;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Router.Pipeline;

/// <summary>
/// A whole router over real sockets with a static table: service "a" in "default", on the given ports of this machine.
/// Its clock is the test's; its threads are its own.
/// </summary>
internal sealed class RouterUnderTest : IAsyncDisposable
{
    private readonly string _file;

    private RouterUnderTest(RunningRouter router, string file)
    {
        Router = router;
        _file = file;
    }

    public RunningRouter Router { get; }

    public required FakeTimeProvider Time { get; init; }

    public IPEndPoint Address => Router.Listeners.Addresses[0];

    public static Task<RouterUnderTest> StartAsync(params int[] ports) => StartAsync(_ => { }, ports);

    public static async Task<RouterUnderTest> StartAsync(Action<RouterOptions> change, params int[] ports)
    {
        var endpoints = string.Join(',', ports.Select(port =>
            string.Create(CultureInfo.InvariantCulture, $$"""{"address":"127.0.0.1","port":{{port}}}""")));
        var file = Path.GetTempFileName();
        var port = $$"""{"name":"http","port":80,"endpoints":[{{endpoints}}]}""";
        await File.WriteAllTextAsync(
            file, $$"""{"services":[{"namespace":"default","name":"a","ports":[{{port}}]}]}""");
        var options = new RouterOptions
        {
            TableFile = file,
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            Admin = [new IPEndPoint(IPAddress.Loopback, 0)],
        };
        change(options);
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var router = await RunningRouter.StartAsync(options, NullLogger.Instance, time);
        return new RouterUnderTest(router, file) { Time = time };
    }

    public RawClient Connect() => new(Address);

    /// <summary>One call on a connection of its own.</summary>
    public string Call(string request)
    {
        using var client = Connect();
        client.Send(request);
        return client.Read();
    }

    /// <summary>The clock goes on, and the loops notice.</summary>
    public async Task AdvanceAsync(TimeSpan span)
    {
        await SettleAsync();
        Time.Advance(span);
        await SettleAsync();
    }

    /// <summary>Everything that the loops had in hand is done.</summary>
    public async Task SettleAsync()
    {
        foreach (var loop in Router.Loops)
        {
            for (var turn = 0; turn < 3; turn++)
            {
                var turned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                loop.Events.Post(turned.SetResult);
                await turned.Task.WaitAsync(TimeSpan.FromSeconds(10));
            }
        }
    }

    /// <summary>A page of the admin port.</summary>
    public string Admin(string path)
    {
        using var client = new RawClient(Router.AdminAddresses[0]);
        client.Send($"GET {path} HTTP/1.1\r\nHost: admin\r\n\r\n");
        return client.Read();
    }

    public async ValueTask DisposeAsync()
    {
        await Router.DisposeAsync();
        File.Delete(_file);
    }
}

/// <summary>A caller of raw bytes, with a deadline on everything it waits for.</summary>
internal sealed class RawClient : IDisposable
{
    private const int DeadlineMilliseconds = 10_000;

    private readonly MessageReader _reader;

    public RawClient(IPEndPoint address)
    {
        Socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true,
            ReceiveTimeout = DeadlineMilliseconds };
        Socket.Connect(address);
        _reader = new MessageReader(Socket);
    }

    public Socket Socket { get; }

    public string Rest => _reader.Rest;

    public void Send(string text) => Socket.Send(Encoding.Latin1.GetBytes(text));

    /// <summary>The next whole answer; "" when the connection ends instead.</summary>
    public string Read(bool hasBody = true) => _reader.ReadMessage(hasBody) ?? "";

    public string ReadToEnd() => _reader.ReadToEnd();

    /// <summary>Whether the router has ended the connection, by a close or a reset.</summary>
    public bool IsEnded()
    {
        try
        {
            return Socket.Receive(new byte[1]) == 0;
        }
        catch (SocketException fault) when (fault.SocketErrorCode == SocketError.ConnectionReset)
        {
            return true;
        }
    }

    public void Dispose() => Socket.Dispose();
}
