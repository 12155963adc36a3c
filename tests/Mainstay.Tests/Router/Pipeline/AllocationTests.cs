using System.Net;
using System.Net.Sockets;
using Mainstay.Router;
using Mainstay.Router.Discovery;
using Mainstay.Router.EventLoops;
using Mainstay.Router.Pipeline;

namespace Mainstay.Tests.Router.Pipeline;

/// <summary>
/// A routine call allocates nothing: the loop is turned on the test's own thread, where every byte is counted.
/// </summary>
public sealed class AllocationTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_routine_call_allocates_not_a_byte_nor_does_one_that_goes_to_a_fallback(bool toFallback)
    {
        using var originListener = new TcpListener(IPAddress.Loopback, 0);
        originListener.Start();
        using var loop = NewLoop(((IPEndPoint)originListener.LocalEndpoint).Port, toFallback);
        var at = new ListenAt(new IPEndPoint(IPAddress.Loopback, 0), IsShared: false);
        var listener = Listener.Open(loop.Events, at, new Acceptor(loop), out _);
        Assert.NotNull(listener);
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(IPAddress.Loopback, listener.Port);
        var request = "GET /x HTTP/1.1\r\nHost: service.a\r\nUser-Agent: test\r\nAccept: */*\r\n\r\n"u8.ToArray();
        var answer = "HTTP/1.1 200 OK\r\nServer: origin\r\nContent-Length: 2\r\n\r\nhi"u8.ToArray();
        var block = new byte[4096];

        client.Send(request);
        TurnUntil(loop, originListener.Server);
        using var origin = originListener.AcceptSocket();
        TurnUntil(loop, origin);
        Answer(loop, origin, client, answer, block);
        for (var warm = 0; warm < 200; warm++)
        {
            Call(loop, origin, client, request, answer, block);
        }

        // What the runtime itself lays on this thread, once and at a time of its own, is in one round; what a call
        // allocates is in each.
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var call = 0; call < 200; call++)
            {
                Call(loop, origin, client, request, answer, block);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        listener.Close();
    }

    private static void Call(RouterLoop loop, Socket origin, Socket client, byte[] request, byte[] answer, byte[] block)
    {
        client.Send(request);
        TurnUntil(loop, origin);
        Answer(loop, origin, client, answer, block);
    }

    private static void Answer(RouterLoop loop, Socket origin, Socket client, byte[] answer, byte[] block)
    {
        Assert.True(origin.Receive(block) > 0);
        origin.Send(answer);
        TurnUntil(loop, client);
        Assert.True(client.Receive(block) > 0);
    }

    private static void TurnUntil(RouterLoop loop, Socket readable)
    {
        for (var turn = 0; turn < 10_000; turn++)
        {
            loop.Events.Turn(1);
            if (readable.Poll(0, SelectMode.SelectRead))
            {
                return;
            }
        }

        Assert.Fail("the router did not pass the bytes on");
    }

    private static RouterLoop NewLoop(int port, bool toFallback)
    {
        var endpoint = new Endpoint("127.0.0.1", port) { Ready = true };
        var called = new ServiceRoute("default", "a", [new PortRoute("http", 80, toFallback ? [] : [endpoint])])
        {
            Fallback = new FallbackRoute("default", "b", -1, ByHand: false),
        };
        var fallback = new ServiceRoute("default", "b", [new PortRoute("http", 80, [endpoint])]);
        var tables = new TableSource();
        tables.Publish(new RouteTable([called, fallback], 1));
        var settings = CallSettings.From(new RouterOptions());
        var world = new RouterWorld(TimeProvider.System, new Random(1));
        return new RouterLoop(tables, new ServiceNames("cluster.local"), settings, world);
    }

    private sealed class Acceptor(RouterLoop loop) : IAcceptor
    {
        public void Accepted(int descriptor) => loop.Accept(descriptor, Caller.Anyone);
    }
}
