using System.Globalization;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Conformance.ApiServer;

/// <summary>What revisions mean, on our API server and on the real one: conflicts, chunks, watches, history.</summary>
public abstract class RevisionBehaviour(ApiServerFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_old_revision_loses_and_no_revision_wins()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "conflict");
        var created = await session.CreateConfigMapAsync("x");
        await session.PatchAsync("configmaps/x", """{"data":{"a":"1"}}""");

        var lost = await session.SendAsync(HttpMethod.Put, "configmaps/x", Body("x", created.Revision));
        var lostPatch = await session.PatchAsync(
            "configmaps/x", $$$"""{"metadata":{"resourceVersion":"{{{created.Revision}}}"},"data":{"a":"2"}}""");
        var won = await session.SendAsync(HttpMethod.Put, "configmaps/x", Body("x", ""));

        Assert.Equal((409, "Conflict"), (lost.Code, lost.Reason));
        Assert.Equal((409, "Conflict"), (lostPatch.Code, lostPatch.Reason));
        Assert.Contains("the object has been modified", lost.Message, StringComparison.Ordinal);
        Assert.Equal(200, won.Code);
    }

    [Fact]
    public async Task A_write_that_changes_nothing_keeps_the_revision()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "noop");
        var created = await session.CreateConfigMapAsync("x");

        var patched = await session.PatchAsync("configmaps/x", """{"data":null}""");
        var again = await session.CreateConfigMapAsync("x");

        Assert.Equal(created.Revision, patched.Revision);
        Assert.Equal((409, "AlreadyExists"), (again.Code, again.Reason));
    }

    [Fact]
    public async Task A_list_in_chunks_is_of_one_revision()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "chunks");
        foreach (var name in new[] { "a", "b", "c" })
        {
            await session.CreateConfigMapAsync(name);
        }

        var first = await session.SendAsync(HttpMethod.Get, "configmaps?limit=2");
        await session.SendAsync(HttpMethod.Delete, "configmaps/c");
        var token = first.Json["metadata"]!["continue"]!.GetValue<string>();
        var second = await session.SendAsync(HttpMethod.Get, $"configmaps?limit=2&continue={token}");
        var now = await session.SendAsync(HttpMethod.Get, "configmaps");

        Assert.Equal(["a", "b"], Names(first));
        Assert.Equal(1, first.Json["metadata"]!["remainingItemCount"]!.GetValue<int>());
        Assert.Equal(["c"], Names(second));
        Assert.Equal(first.Revision, second.Revision);
        Assert.Equal(["a", "b"], Names(now));
    }

    [Fact]
    public async Task A_chunk_of_a_compacted_revision_is_gone_and_tells_how_to_go_on()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "expired");
        foreach (var name in new[] { "a", "b", "c" })
        {
            await session.CreateConfigMapAsync(name);
        }

        var first = await session.SendAsync(HttpMethod.Get, "configmaps?limit=1");
        await CompactAsync((await session.CreateConfigMapAsync("d")).Revision);
        var token = first.Json["metadata"]!["continue"]!.GetValue<string>();
        var expired = await session.SendAsync(HttpMethod.Get, $"configmaps?limit=1&continue={token}");
        var exact = await session.SendAsync(
            HttpMethod.Get, $"configmaps?resourceVersion={first.Revision}&resourceVersionMatch=Exact");
        var onward = expired.Json["metadata"]!["continue"]!.GetValue<string>();
        var rest = await session.SendAsync(HttpMethod.Get, $"configmaps?continue={onward}");

        Assert.Equal((410, "Expired"), (expired.Code, expired.Reason));
        Assert.Equal((410, "Expired"), (exact.Code, exact.Reason));
        Assert.Equal(["b", "c", "d"], Names(rest));
    }

    [Fact]
    public async Task A_watch_from_a_revision_tells_each_change_after_it_once_and_in_order()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "watch");
        var start = await session.CreateConfigMapAsync("a");
        await session.CreateConfigMapAsync("b");
        await session.PatchAsync("configmaps/a", """{"data":{"x":"1"}}""");
        await session.SendAsync(HttpMethod.Delete, "configmaps/b");

        using var watch = await session.WatchAsync($"configmaps?watch=1&resourceVersion={start.Revision}");
        Assert.Equal(["ADDED b", "MODIFIED a", "DELETED b"], await watch.NextAsync(3));
        await session.CreateConfigMapAsync("c");
        Assert.Equal(["ADDED c"], await watch.NextAsync(1));
    }

    [Fact]
    public async Task A_watch_without_a_revision_starts_with_what_is_there()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "watch-state");
        await session.CreateConfigMapAsync("a");

        using var watch = await session.WatchAsync("configmaps?watch=1");

        Assert.Equal(["ADDED a"], await watch.NextAsync(1));
    }

    [Fact]
    public async Task A_selector_turns_changes_into_additions_and_deletions()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "watch-selector");
        var start = await session.CreateConfigMapAsync("a", "\"app\":\"x\"");
        using var watch = await session.WatchAsync(
            $"configmaps?watch=1&resourceVersion={start.Revision}&labelSelector=app%3Dy");

        await session.PatchAsync("configmaps/a", """{"metadata":{"labels":{"app":"y"}}}""");
        await session.PatchAsync("configmaps/a", """{"data":{"k":"v"}}""");
        var left = await session.PatchAsync("configmaps/a", """{"metadata":{"labels":{"app":"z"}}}""");

        Assert.Equal(["ADDED a", "MODIFIED a"], await watch.NextAsync(2));
        var last = await watch.NextAsync();
        Assert.Equal("DELETED", last!["type"]!.GetValue<string>());
        Assert.Equal("y", last["object"]!["metadata"]!["labels"]!["app"]!.GetValue<string>());
        Assert.Equal(left.Revision, last["object"]!["metadata"]!["resourceVersion"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_watch_ends_at_its_time()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "watch-timeout");
        var start = await session.CreateConfigMapAsync("a");

        using var watch = await session.WatchAsync(
            $"configmaps?watch=1&timeoutSeconds=1&resourceVersion={start.Revision}");

        Assert.Null(await watch.NextAsync());
    }

    [Fact]
    public async Task A_revision_from_the_future_times_out_with_its_cause()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "future");
        var created = await session.CreateConfigMapAsync("a");
        var future = long.Parse(created.Revision, CultureInfo.InvariantCulture) + 1_000_000;

        var refused = await session.SendAsync(HttpMethod.Get, $"configmaps?resourceVersion={future}");

        Assert.Equal((504, "Timeout"), (refused.Code, refused.Reason));
        Assert.Equal(
            "ResourceVersionTooLarge", refused.Json["details"]!["causes"]![0]!["reason"]!.GetValue<string>());
    }

    private async Task CompactAsync(string revision) => await fixture.Etcd.CompactAsync(
        new CompactionRequest { Revision = long.Parse(revision, CultureInfo.InvariantCulture) }, Cancel);

    private static string[] Names(Answer list) =>
        [.. list.Json["items"]!.AsArray().Select(item => item!["metadata"]!["name"]!.GetValue<string>())];

    private static string Body(string name, string revision) =>
        $$$"""
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","resourceVersion":"{{{revision}}}"}}
        """;
}

public sealed class RevisionsOnOurStoreTests(OurServerOnOurStore fixture)
    : RevisionBehaviour(fixture), IClassFixture<OurServerOnOurStore>;

public sealed class RevisionsOnEtcdTests(OurServerOnEtcd fixture)
    : RevisionBehaviour(fixture), IClassFixture<OurServerOnEtcd>;

public sealed class RevisionsOnTheRealServerTests(RealServerOnEtcd fixture)
    : RevisionBehaviour(fixture), IClassFixture<RealServerOnEtcd>;
