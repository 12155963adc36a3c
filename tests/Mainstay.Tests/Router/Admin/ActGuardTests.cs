using System.Net;
using System.Text;
using Mainstay.Router.Admin;
using Mainstay.Router.Http1;
using Mainstay.Router.Linux;

namespace Mainstay.Tests.Router.Admin;

public sealed class ActGuardTests
{
    [Theory]
    [InlineData(true, "", null)]
    [InlineData(false, "", "only this machine")]
    [InlineData(true, "Origin: http://127.0.0.1:9990\r\n", "a page in a browser")]
    [InlineData(true, "sec-fetch-site: cross-site\r\n", "a page in a browser")]
    public void Programs_of_this_machine_may_act_and_nobody_else(bool isPeerLoopback, string header, string? refusal)
    {
        var message = Encoding.ASCII.GetBytes($"POST /prove HTTP/1.1\r\nHost: a\r\n{header}\r\n");
        var head = new RequestHead();
        head.Reset();
        Assert.Equal(ParseStatus.Complete, head.Parse(message));

        var said = ActGuard.Refusal(isPeerLoopback, head.Headers, message);

        Assert.Equal(refusal is null, said is null);
        Assert.StartsWith(refusal ?? "", said ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.33.0.9", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("10.0.0.1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("2001:db8::1", false)]
    public void Loopback_is_known_in_the_kernels_own_writing(string address, bool isLoopback)
    {
        var bytes = KernelAddress.From(new IPEndPoint(IPAddress.Parse(address), 80)).Bytes;

        Assert.Equal(isLoopback, KernelAddress.IsLoopback(bytes));
    }
}
