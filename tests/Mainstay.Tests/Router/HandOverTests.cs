using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mainstay.Router;
using Mainstay.Router.Linux;

namespace Mainstay.Tests.Router;

public sealed class HandOverTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hand-over-").FullName;

    private string File => Path.Combine(_folder, "serving");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_first_router_has_nobody_before_it_and_writes_itself_down()
    {
        var first = new HandOver(_folder, "uid-1");
        Assert.False(first.BeforeLives);
        first.Announce();

        Assert.EndsWith(" uid-1\n", System.IO.File.ReadAllText(File), StringComparison.Ordinal);
        Assert.Equal(Environment.ProcessId, Serving.Parse(System.IO.File.ReadAllText(File))!.Pid);
        Assert.False(first.IsTakenOver);
    }

    [Fact]
    public void A_process_that_lives_is_taken_over_from_and_takes_over()
    {
        using var other = Process.Start("sleep", "60");
        try
        {
            Write(other.Id, HandOver.StartOf(other.Id)!.Value);
            var next = new HandOver(_folder, "uid-2");
            Assert.Equal(other.Id, next.Before!.Pid);
            Assert.True(next.BeforeLives);

            next.Announce();
            Assert.False(next.IsTakenOver);
            Write(other.Id, HandOver.StartOf(other.Id)!.Value);
            Assert.True(next.IsTakenOver);
        }
        finally
        {
            other.Kill();
            other.WaitForExit();
        }

        Assert.False(new HandOver(_folder, "uid-3").BeforeLives);
    }

    [Fact]
    public void A_pid_that_another_process_has_now_is_nobody()
    {
        using var other = Process.Start("sleep", "60");
        try
        {
            Write(other.Id, HandOver.StartOf(other.Id)!.Value - 1);
            Assert.Null(new HandOver(_folder, "uid-2").Before);
        }
        finally
        {
            other.Kill();
            other.WaitForExit();
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("x y z")]
    [InlineData("1")]
    public void A_file_that_makes_no_sense_names_nobody(string line)
    {
        System.IO.File.WriteAllText(File, line);
        Assert.Null(new HandOver(_folder, "uid-2").Before);
    }

    [Fact]
    public async Task New_connections_go_to_the_later_socket_and_none_is_lost_at_the_close_of_the_first()
    {
        var first = Tcp.Listen(new IPEndPoint(IPAddress.Loopback, 0), shared: true);
        var at = new IPEndPoint(IPAddress.Loopback, Tcp.LocalPort(first));
        var second = Tcp.Listen(at, shared: true);
        Assert.Equal(0, Tcp.SteerTo(first, 1));

        var clients = new List<Socket>();
        for (var count = 0; count < 100; count++)
        {
            clients.Add(await ConnectAsync(at));
        }

        Assert.Equal(0, AcceptAll(first));
        _ = Libc.close(first);
        for (var count = 0; count < 100; count++)
        {
            clients.Add(await ConnectAsync(at));
        }

        Assert.Equal(200, AcceptAll(second));
        clients.ForEach(client => client.Dispose());
        _ = Libc.close(second);
    }

    [Fact]
    public void An_address_that_somebody_listens_on_is_found_out_though_it_is_shared()
    {
        var listener = Tcp.Listen(new IPEndPoint(IPAddress.Loopback, 0), shared: true);
        var at = new IPEndPoint(IPAddress.Loopback, Tcp.LocalPort(listener));

        Assert.Equal(Libc.ErrorAddressInUse, Tcp.Probe(at));
        _ = Libc.close(listener);
        Assert.Equal(0, Tcp.Probe(at));
    }

    private void Write(int pid, long ticks) => System.IO.File.WriteAllText(
        File, string.Create(CultureInfo.InvariantCulture, $"{pid} {ticks} uid-0\n"));

    private static async Task<Socket> ConnectAsync(IPEndPoint at)
    {
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(at, TestContext.Current.CancellationToken);
        return client;
    }

    private static int AcceptAll(int listener)
    {
        var accepted = 0;
        for (var socket = Tcp.Accept(listener); socket >= 0; socket = Tcp.Accept(listener))
        {
            accepted++;
            _ = Libc.close(socket);
        }

        return accepted;
    }
}
