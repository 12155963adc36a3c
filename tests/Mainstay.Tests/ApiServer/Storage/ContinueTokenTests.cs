using System.Text;
using Mainstay.ApiServer.Storage;

namespace Mainstay.Tests.ApiServer.Storage;

public sealed class ContinueTokenTests
{
    private const string Prefix = "/registry/pods/bank/";

    [Fact]
    public void A_token_comes_back_as_it_went()
    {
        var token = new ContinueToken(42, Prefix + "p1\0");

        Assert.Equal(token, ContinueToken.Decode(token.Encode(Prefix), Prefix));
    }

    [Fact]
    public void A_token_of_kube_apiserver_is_understood()
    {
        // {"v":"meta.k8s.io/v1","rv":507,"start":"c1\u0000"}, as version 1.20 writes it
        const string theirs = "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NTA3LCJzdGFydCI6ImMxXHUwMDAwIn0";

        Assert.Equal(new ContinueToken(507, Prefix + "c1\0"), ContinueToken.Decode(theirs, Prefix));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("%%%")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"v":"other","rv":1,"start":"a"}""")]
    [InlineData("""{"v":"meta.k8s.io/v1","rv":0,"start":"a"}""")]
    [InlineData("""{"v":"meta.k8s.io/v1","rv":"1","start":"a"}""")]
    [InlineData("""{"v":"meta.k8s.io/v1","rv":1,"start":""}""")]
    [InlineData("""{"v":"meta.k8s.io/v1","rv":1,"start":"../../secrets/x"}""")]
    public void What_is_no_token_of_this_list_is_refused(string text)
    {
        Assert.Null(ContinueToken.Decode(text, Prefix));
        Assert.Null(ContinueToken.Decode(Convert.ToBase64String(Encoding.UTF8.GetBytes(text)), Prefix));
    }
}
