using System.Net;
using Mainstay.ApiServer.Auth;
using Mainstay.ApiServer.Http;
using Mainstay.Kernel;

namespace Mainstay.Tests.ApiServer.Auth;

public sealed class TokenFileTests
{
    [Fact]
    public void A_token_names_its_user_and_groups()
    {
        var user = TokenFile.Parse("t1,admin,7,\"system:masters,devs\"\n\nt2,node-1,8\r\n", "tokens").Find("t1");

        Assert.Equal("admin", user?.Name);
        Assert.Equal(["system:masters", "devs", "system:authenticated"], user?.Groups.ToArray() ?? []);
    }

    [Theory]
    [InlineData("t1")]
    [InlineData("t1,admin")]
    [InlineData(",admin,1")]
    [InlineData("t1,a,1\nt1,b,2")]
    public void A_broken_line_is_named_by_its_number(string text)
    {
        var fault = Assert.Throws<StartException>(() => TokenFile.Parse(text, "tokens.csv"));

        Assert.Contains("line", fault.Message, StringComparison.Ordinal);
        Assert.Contains("tokens.csv", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/readyz", "127.0.0.1", true)]
    [InlineData("/version", "10.0.0.1", true)]
    [InlineData("/metrics", "127.0.0.1", true)]
    [InlineData("/metrics", "10.0.0.1", false)]
    [InlineData("/api/v1/pods", "127.0.0.1", false)]
    [InlineData("/apis", "127.0.0.1", false)]
    public void Only_health_version_and_local_metrics_are_open_to_anyone(string path, string remote, bool open)
    {
        var authenticator = new Authenticator(TokenFile.Parse("t1,admin,1", "tokens"));
        var info = RequestInfo.Parse("GET", path, watch: false);

        var refusal = Record.Exception(() => authenticator.Authenticate(null, info, IPAddress.Parse(remote)));

        Assert.Equal(open, refusal is null);
        Assert.Equal("admin", authenticator.Authenticate("Bearer t1", info, IPAddress.Parse(remote)).Name);
    }

    [Theory]
    [InlineData("Bearer wrong")]
    [InlineData("Basic dDE6")]
    [InlineData("Bearer ")]
    public void A_wrong_token_is_refused_even_where_none_is_needed(string authorization)
    {
        var authenticator = new Authenticator(TokenFile.Parse("t1,admin,1", "tokens"));
        var info = RequestInfo.Parse("GET", "/readyz", watch: false);

        var refusal = Assert.Throws<RefusedException>(
            () => authenticator.Authenticate(authorization, info, IPAddress.Loopback));

        Assert.Equal(401, refusal.Status.Code);
    }
}
