using Google.Protobuf;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Conformance.Store;

public sealed class StoreHealthTests(OurStoreFixture fixture) : IClassFixture<OurStoreFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_version_and_metrics_are_served_under_the_names_that_tools_know()
    {
        await fixture.Server.Client.PutAsync(
            new PutRequest { Key = ByteString.CopyFromUtf8("m"), Value = ByteString.CopyFromUtf8("1") }, Cancellation);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{fixture.Server.OtherPort}") };

        var metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancellation);

        Assert.Contains("\nmainstay_store_request_total{method=\"put\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("\nmainstay_store_revision{} 2", metrics, StringComparison.Ordinal);
        Assert.Contains("\nmainstay_store_commit_duration_seconds_count{} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("\netcd_server_has_leader{} 1", metrics, StringComparison.Ordinal);
        Assert.Equal("ok", await http.GetStringAsync(new Uri("/readyz", UriKind.Relative), Cancellation));
        Assert.Contains(
            "\"health\":\"true\"",
            await http.GetStringAsync(new Uri("/health", UriKind.Relative), Cancellation),
            StringComparison.Ordinal);
        Assert.Contains(
            "\"etcdserver\":\"3.5.21\"",
            await http.GetStringAsync(new Uri("/version", UriKind.Relative), Cancellation),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_members_is_refused_in_words_that_say_why()
    {
        var add = await fixture.Server.TryEtcdctlAsync(
            "member", "add", "other", "--peer-urls=http://127.0.0.1:1");

        Assert.Contains("this store is one member on purpose", add.Failed().Said, StringComparison.Ordinal);
    }
}
