using Mainstay.ApiServer.Http;

namespace Mainstay.Tests.ApiServer.Http;

public sealed class RequestInfoTests
{
    [Theory]
    [InlineData("GET", "/api/v1/pods", "list//v1//pods//")]
    [InlineData("GET", "/api/v1/namespaces/bank/pods", "list//v1/bank/pods//")]
    [InlineData("GET", "/api/v1/namespaces/bank/pods/p", "get//v1/bank/pods/p/")]
    [InlineData("HEAD", "/api/v1/namespaces/bank/pods/p", "get//v1/bank/pods/p/")]
    [InlineData("GET", "/api/v1/namespaces", "list//v1//namespaces//")]
    [InlineData("GET", "/api/v1/namespaces/bank", "get//v1//namespaces/bank/")]
    [InlineData("PUT", "/api/v1/namespaces/bank/finalize", "update//v1/bank/namespaces/bank/finalize")]
    [InlineData("PATCH", "/api/v1/namespaces/bank/status", "patch//v1/bank/namespaces/bank/status")]
    [InlineData("POST", "/apis/apps/v1/namespaces/bank/deployments", "create/apps/v1/bank/deployments//")]
    [InlineData("PUT", "/apis/apps/v1/namespaces/b/deployments/d/scale", "update/apps/v1/b/deployments/d/scale")]
    [InlineData("DELETE", "/api/v1/nodes/n", "delete//v1//nodes/n/")]
    [InlineData("DELETE", "/api/v1/namespaces/b/pods", "deletecollection//v1/b/pods//")]
    [InlineData("GET", "/api/v1/watch/namespaces/b/pods", "watch//v1/b/pods//")]
    [InlineData("GET", "/api/v1/namespaces/b/pods/a%2Fb", "get//v1/b/pods/a/b/")]
    [InlineData("BREW", "/api/v1/pods", "other//v1//pods//")]
    public void A_path_tells_what_is_asked_for(string method, string path, string expected)
    {
        var info = RequestInfo.Parse(method, path, watch: false);

        Assert.Equal(
            expected,
            $"{info.Verb}/{info.Group}/{info.Version}/{info.Namespace}/{info.Resource}/{info.Name}/{info.Subresource}");
    }

    [Fact]
    public void A_watch_is_asked_for_by_the_query()
    {
        Assert.Equal("watch", RequestInfo.Parse("GET", "/api/v1/pods", watch: true).Verb);
    }

    [Fact]
    public void An_encoded_slash_stays_in_the_name()
    {
        var info = RequestInfo.Parse("GET", "/api/v1/namespaces/b/pods/a%2Fb", watch: false);

        Assert.Equal("a/b", info.Name);
        Assert.Equal("", info.Subresource);
    }

    [Theory]
    [InlineData("/readyz/etcd")]
    [InlineData("/api")]
    [InlineData("/apis/apps/v1")]
    [InlineData("/")]
    public void What_names_no_resource_is_none(string path)
    {
        Assert.False(RequestInfo.Parse("GET", path, watch: false).IsResource);
    }
}
