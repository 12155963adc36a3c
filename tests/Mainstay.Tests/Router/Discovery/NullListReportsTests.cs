using System.Text.Json;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;
using Mainstay.Router.Discovery;
using Mainstay.Router.Discovery.Freshness;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Router.Discovery;

public sealed class NullListReportsTests
{
    private const string Beat = "{'metadata':{'namespace':'kube-system','name':'mainstay-heartbeat'},'endpoints':[]}";

    private static readonly ObjectKey A = new("bank", "a-1");
    private static readonly Uri Server = new("https://a");

    private readonly SignalBoard _board = new(new FakeTimeProvider());
    private readonly NullListReports _reports;

    public NullListReportsTests() => _reports = new NullListReports(_board, "node-1");

    [Theory]
    [InlineData("{'endpoints':null,'ports':[]}", "endpoints")]
    [InlineData("{'endpoints':[],'ports':null}", "ports")]
    [InlineData("{'subsets':null}", "subsets")]
    [InlineData("{'spec':{'ports':null}}", "spec.ports")]
    [InlineData("{'spec':{'ports':[]},'endpoints':[]}", "")]
    [InlineData("{'spec':null}", "")]
    [InlineData("[null]", "")]
    public void Null_for_a_list_is_found_by_its_path(string json, string path) =>
        Assert.Equal(path, NullLists.FirstIn(Json(json)));

    [Fact]
    public void Nothing_is_told_before_the_heartbeat_has_shown_how_the_server_writes_empty_lists()
    {
        _reports.Replaced(WatchedKind.Slices("v1"), Of(Null("a-1")));
        Assert.Empty(_board.Active);

        var beat = Slice(Beat);
        _reports.Changed(beat.Key, beat);
        Assert.Empty(_board.Active);
        _reports.Changed(A, Null("a-1"));

        var told = Assert.Single(_board.Active);
        Assert.Equal(("null-in-object", Severity.Warning), (told.Name, told.Severity));
        Assert.Equal("router/node-1/EndpointSlice/bank/a-1", told.Subject);
    }

    [Fact]
    public void A_server_that_writes_the_heartbeat_with_null_as_well_is_told_nothing_of()
    {
        var beat = Slice(Beat.Replace("[]", "null", StringComparison.Ordinal));

        _reports.Replaced(WatchedKind.Slices("v1beta1"), Of(Null("a-1"), beat));
        _reports.Changed(A, Null("a-1"));

        Assert.Empty(_board.Active);
    }

    [Fact]
    public void What_a_list_of_one_server_has_stays_until_the_same_server_or_a_newer_event_says_otherwise()
    {
        _reports.Replaced(WatchedKind.Slices("v1"), Of(Slice(Beat)));
        _reports.Listed(Server, new Dictionary<ObjectKey, string> { [Heartbeat.Key] = "", [A] = "endpoints" });
        _reports.Listed(new Uri("https://b"), new Dictionary<ObjectKey, string> { [Heartbeat.Key] = "" });
        Assert.Single(_board.Active);

        _reports.Changed(A, Slice("{'metadata':{'namespace':'bank','name':'a-1'},'endpoints':[]}"));
        Assert.Empty(_board.Active);

        _reports.Listed(Server, new Dictionary<ObjectKey, string> { [Heartbeat.Key] = "", [A] = "endpoints" });
        Assert.Single(_board.Active);
        _reports.Unlisted();
        Assert.Empty(_board.Active);
    }

    [Fact]
    public void Lists_and_watches_of_one_server_are_judged_apart()
    {
        _reports.Replaced(WatchedKind.Slices("v1"), Of(Slice(Beat)));
        var beat = Slice(Beat);
        _reports.Changed(beat.Key, beat);

        _reports.Listed(
            Server, new Dictionary<ObjectKey, string> { [Heartbeat.Key] = "endpoints", [A] = "endpoints" });

        Assert.Empty(_board.Active);
    }

    [Fact]
    public void An_object_that_is_gone_and_a_kind_that_is_no_longer_read_are_told_no_more()
    {
        _reports.Replaced(WatchedKind.Slices("v1"), Of(Slice(Beat), Null("a-1"), Null("b-1")));
        Assert.Equal(2, _board.Active.Length);

        _reports.Deleted(A);
        Assert.Equal("b-1", Assert.Single(_board.Active).Reading.Culprit?.Name);

        _reports.Replaced(WatchedKind.Endpoints, Of());
        Assert.Empty(_board.Active);
    }

    private static SliceSet Null(string name) =>
        Slice($"{{'metadata':{{'namespace':'bank','name':'{name}'}},'endpoints':null}}");

    private static SliceSet Slice(string json) => SliceSet.ReadSlice(Json(json));

    private static Dictionary<ObjectKey, SliceSet> Of(params SliceSet[] sets) => sets.ToDictionary(set => set.Key);

    private static JsonElement Json(string json)
    {
        using var document = JsonDocument.Parse(json.Replace('\'', '"'));
        return document.RootElement.Clone();
    }
}
