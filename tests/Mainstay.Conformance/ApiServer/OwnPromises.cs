using System.Diagnostics;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Conformance.ApiServer;

/// <summary>What our API server promises beyond the real one: see docs/api-server.md.</summary>
public abstract class OwnPromises(ApiServerFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Null_subsets_are_an_empty_list_wherever_they_are_read()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "null-subsets");
        var before = await session.SendAsync(HttpMethod.Get, "endpoints");
        using var watch = await session.WatchAsync($"endpoints?watch=1&resourceVersion={before.Revision}");
        await PutAsync(
            "/registry/services/endpoints/null-subsets/e",
            """
            {"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"e","namespace":"null-subsets"},"subsets":null}
            """);

        var watched = (await watch.NextAsync())!["object"]!.ToJsonString();
        var got = JsonNode.Parse(await session.ReadAsync("endpoints/e"))!.ToJsonString();
        var listed = await FirstAsync("endpoints");
        var cached = await FirstAsync("endpoints?resourceVersion=0");

        Assert.Contains("\"subsets\":[]", got, StringComparison.Ordinal);
        Assert.Equal(got, watched);
        Assert.Equal(got, listed);
        Assert.Equal(got, cached);

        async Task<string> FirstAsync(string path) =>
            JsonNode.Parse(await session.ReadAsync(path))!["items"]![0]!.ToJsonString();
    }

    [Fact]
    public async Task One_unreadable_object_harms_no_other_and_is_named()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "unreadable");
        await session.CreateConfigMapAsync("good");
        await PutAsync("/registry/configmaps/unreadable/bad", "\0rubbish");

        var list = await session.SendAsync(HttpMethod.Get, "configmaps");
        var got = await session.SendAsync(HttpMethod.Get, "configmaps/bad");
        var metrics = await session.ReadAsync("/metrics");

        Assert.Equal("good", Assert.Single(list.Json["items"]!.AsArray())!["metadata"]!["name"]!.GetValue<string>());
        Assert.Equal(500, got.Code);
        Assert.Contains("/registry/configmaps/unreadable/bad", got.Message, StringComparison.Ordinal);
        Assert.Contains(
            metrics.Split('\n'),
            line => line.StartsWith("mainstay_api_object_unreadable{", StringComparison.Ordinal)
                && line.Contains("name=\"bad\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unknown_fields_are_refused_or_warned_of_as_asked()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "validation");
        const string body = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"daat":{"a":"b"}}""";

        var strict = await session.SendAsync(HttpMethod.Post, "configmaps?fieldValidation=Strict", body);
        var dry = await session.SendAsync(HttpMethod.Post, "configmaps?dryRun=All", body);
        var absent = await session.SendAsync(HttpMethod.Get, "configmaps/x");
        var warned = await session.KubectlAsync(body, ["create", "--validate=warn", "-f", "-"]);

        Assert.Equal((400, "BadRequest"), (strict.Code, strict.Reason));
        Assert.Contains("strict decoding error: unknown field \"daat\"", strict.Message, StringComparison.Ordinal);
        Assert.Equal(201, dry.Code);
        Assert.Equal(404, absent.Code);
        Assert.Contains("unknown field \"daat\"", warned.Error, StringComparison.Ordinal);
        Assert.Equal(0, warned.ExitCode);
    }

    [Fact]
    public async Task Initial_events_end_with_a_bookmark_that_says_so()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "initial");
        await session.CreateConfigMapAsync("a");

        using var watch = await session.WatchAsync(
            "configmaps?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");

        Assert.Equal(["ADDED a"], await watch.NextAsync(1));
        var mark = await watch.NextAsync();
        Assert.Equal("BOOKMARK", mark!["type"]!.GetValue<string>());
        Assert.Equal(
            "true",
            mark["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]!.GetValue<string>());
    }

    [Fact]
    public async Task Service_addresses_are_unique_kept_and_released()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "addresses");
        var made = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => session.SendAsync(
            HttpMethod.Post,
            "services",
            $$$"""
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"s{{{i}}}"},"spec":{"ports":[{"port":80}]}}
            """)));
        var given = made.Select(one => one.Json["spec"]!["clusterIP"]!.GetValue<string>()).ToList();
        var taken = await CreateAtAsync(session, given[0]);

        await session.SendAsync(HttpMethod.Delete, "services/s0");
        var reused = await CreateAtAsync(session, given[0]);
        var kept = await session.PatchAsync("services/s1", """{"spec":{"ports":[{"port":81}]}}""");

        Assert.Equal(20, given.Distinct().Count());
        Assert.Equal((422, "Invalid"), (taken.Code, taken.Reason));
        Assert.Equal(201, reused.Code);
        Assert.Equal(given[1], kept.Json["spec"]!["clusterIP"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_namespace_takes_nothing_new_while_it_is_emptied()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "leaving");
        await session.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/leaving");

        var refused = await session.CreateConfigMapAsync("late");
        var there = await session.SendAsync(HttpMethod.Get, "/api/v1/namespaces/leaving");
        await session.SendAsync(
            HttpMethod.Put,
            "/api/v1/namespaces/leaving/finalize",
            """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"leaving"},"spec":{"finalizers":[]}}""");
        var gone = await session.SendAsync(HttpMethod.Get, "/api/v1/namespaces/leaving");

        Assert.Equal((403, "Forbidden"), (refused.Code, refused.Reason));
        Assert.Contains("because it is being terminated", refused.Message, StringComparison.Ordinal);
        Assert.Equal("Terminating", there.Json["status"]!["phase"]!.GetValue<string>());
        Assert.Equal(404, gone.Code);
    }

    [Fact]
    public async Task Without_the_store_the_cache_answers_watches_stay_and_nothing_is_missed_afterwards()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "away");
        var start = await session.CreateConfigMapAsync("a");
        using var watch = await session.WatchAsync($"configmaps?watch=1&resourceVersion={start.Revision}");
        await session.CreateConfigMapAsync("b");
        Assert.Equal(["ADDED b"], await watch.NextAsync(1));

        fixture.Store.Kill();
        var cached = await session.SendAsync(HttpMethod.Get, "configmaps?resourceVersion=0");
        var began = Stopwatch.GetTimestamp();
        var refused = await session.CreateConfigMapAsync("c");
        Assert.Equal(2, cached.Json["items"]!.AsArray().Count);
        Assert.Contains(refused.Code, new[] { 503, 504 });
        Assert.Equal("Status", refused.Json["kind"]!.GetValue<string>());
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(15), "a refusal does not keep its client");

        fixture.Store.Start();
        await WriteAgainAsync(session, "d");
        await session.SendAsync(HttpMethod.Delete, "configmaps/a");
        Assert.Equal(["ADDED d", "DELETED a"], await watch.NextAsync(2));
    }

    private static Task<Answer> CreateAtAsync(ApiServerSession session, string address) => session.SendAsync(
        HttpMethod.Post,
        "services",
        $$$"""
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"at"},
         "spec":{"clusterIP":"{{{address}}}","ports":[{"port":80}]}}
        """);

    private static async Task WriteAgainAsync(ApiServerSession session, string name)
    {
        var began = Stopwatch.GetTimestamp();
        while ((await session.CreateConfigMapAsync(name)).Code is not (201 or 409))
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(30), "writes work again");
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
            await timer.WaitForNextTickAsync(Cancel);
        }
    }

    private async Task PutAsync(string key, string value) => await fixture.Etcd.PutAsync(
        new PutRequest { Key = ByteString.CopyFromUtf8(key), Value = ByteString.CopyFromUtf8(value) }, Cancel);
}

public sealed class OwnPromisesOnOurStoreTests(OurServerOnOurStore fixture)
    : OwnPromises(fixture), IClassFixture<OurServerOnOurStore>;

public sealed class OwnPromisesOnEtcdTests(OurServerOnEtcd fixture)
    : OwnPromises(fixture), IClassFixture<OurServerOnEtcd>;
