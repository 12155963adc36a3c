using System.Text;
using Mainstay.ApiServer.Auth;
using Mainstay.ApiServer.Http;
using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Watch;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Mainstay.Tests.ApiServer.Http;

public sealed class WatchFramesTests
{
    private static readonly CachedEvent BecomesA =
        new(7, Fakes.Key("x"), Fakes.ConfigMap("x", 7, "a"), Fakes.ConfigMap("x", 3, "b"), null);

    private static readonly CachedEvent CeasesToBeA =
        new(7, Fakes.Key("x"), Fakes.ConfigMap("x", 7, "b"), Fakes.ConfigMap("x", 3, "a"), null);

    private static readonly CachedEvent DeletedA = new(
        9, Fakes.Key("x"), null, Fakes.ConfigMap("x", 3, "a"), Fakes.ConfigMap("x", 9, "a"));

    [Fact]
    public async Task An_object_that_begins_to_match_is_added()
    {
        Assert.StartsWith("{\"type\":\"ADDED\"", await FramesAsync("app=a", BecomesA), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_that_ceases_to_match_is_deleted_with_its_last_matching_state()
    {
        var frame = await FramesAsync("app=a", CeasesToBeA);

        Assert.StartsWith("{\"type\":\"DELETED\"", frame, StringComparison.Ordinal);
        Assert.Contains("\"app\":\"a\"", frame, StringComparison.Ordinal);
        Assert.Contains("\"resourceVersion\":\"7\"", frame, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deletion_carries_the_last_state_under_its_own_revision()
    {
        var frame = await FramesAsync("app=a", DeletedA);

        Assert.StartsWith("{\"type\":\"DELETED\"", frame, StringComparison.Ordinal);
        Assert.Contains("\"resourceVersion\":\"9\"", frame, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_never_matched_is_not_told()
    {
        Assert.Equal("", await FramesAsync("app=c", BecomesA, CeasesToBeA, DeletedA));
    }

    [Fact]
    public async Task A_change_of_what_matches_is_modified()
    {
        Assert.StartsWith("{\"type\":\"MODIFIED\"", await FramesAsync("app", BecomesA), StringComparison.Ordinal);
    }

    private static async Task<string> FramesAsync(string selector, params CachedEvent[] changes)
    {
        var body = new MemoryStream();
        var http = new DefaultHttpContext { Response = { Body = body } };
        var info = RequestInfo.Parse("GET", "/api/v1/configmaps", watch: true);
        var request = new ApiRequest(http, info, Fakes.ConfigMaps, ApiUser.Anonymous);
        var query = ListQuery.Parse(
            new QueryCollection(QueryHelpers.ParseQuery($"labelSelector={selector}")), Fakes.ConfigMaps, isWatch: true);
        var frames = new WatchFrames(request, new ObjectResponse(new TableRenderer(TimeProvider.System)), query);
        foreach (var change in changes)
        {
            frames.Add(change);
        }

        await frames.FlushAsync(TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(body.ToArray());
    }
}
