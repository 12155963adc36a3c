using Mainstay.ApiServer.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Mainstay.Tests.ApiServer.Http;

public sealed class ListQueryTests
{
    [Theory]
    [InlineData("resourceVersion=abc", 422)]
    [InlineData("resourceVersion=-1", 422)]
    [InlineData("resourceVersionMatch=Exact", 422)]
    [InlineData("resourceVersion=0&resourceVersionMatch=Exact", 422)]
    [InlineData("resourceVersion=5&resourceVersionMatch=Near", 422)]
    [InlineData("resourceVersion=5&resourceVersionMatch=Exact&continue=x", 422)]
    [InlineData("resourceVersion=5&continue=x", 400)]
    [InlineData("limit=many", 400)]
    [InlineData("sendInitialEvents=true", 422)]
    [InlineData("fieldSelector=spec.nodeName=a", 400)]
    [InlineData("labelSelector=a==b==c", 400)]
    public void A_list_that_contradicts_itself_is_refused(string query, int code)
    {
        Assert.Equal(code, Assert.Throws<RefusedException>(() => Parse(query, isWatch: false)).Status.Code);
    }

    [Theory]
    [InlineData("sendInitialEvents=true&allowWatchBookmarks=true")]
    [InlineData("sendInitialEvents=true&resourceVersionMatch=NotOlderThan")]
    [InlineData("resourceVersionMatch=NotOlderThan&resourceVersion=1")]
    public void Initial_events_need_a_match_and_bookmarks(string query)
    {
        Assert.Equal(422, Assert.Throws<RefusedException>(() => Parse(query, isWatch: true)).Status.Code);
    }

    [Fact]
    public void A_watch_list_as_client_go_asks_for_it_is_read()
    {
        var query = Parse(
            "allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&sendInitialEvents=true&timeoutSeconds=7",
            isWatch: true);

        Assert.True(query.SendInitialEvents);
        Assert.Null(query.ResourceVersion);
        Assert.Equal(TimeSpan.FromSeconds(7), query.Timeout);
    }

    [Fact]
    public void A_filter_matches_labels_names_and_fields_of_the_kind()
    {
        var filter = Parse("labelSelector=app=a&fieldSelector=metadata.name!=y", isWatch: false).Filter;

        Assert.True(filter.Matches(Fakes.ConfigMap("x", 1, "a")));
        Assert.False(filter.Matches(Fakes.ConfigMap("x", 1, "b")));
        Assert.False(filter.Matches(Fakes.ConfigMap("y", 1, "a")));
    }

    private static ListQuery Parse(string query, bool isWatch) =>
        ListQuery.Parse(new QueryCollection(QueryHelpers.ParseQuery(query)), Fakes.ConfigMaps, isWatch);
}
