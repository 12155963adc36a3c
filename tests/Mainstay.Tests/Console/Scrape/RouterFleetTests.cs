using System.Text.Json;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.Kube;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.ConsoleSite.Scrape;

public sealed class RouterFleetTests
{
    private static readonly Uri OnNode = new("http://127.17.0.1:9990/");
    private static readonly Uri OnLoopback = new("http://127.0.0.1:9990/");

    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private readonly RouterFleet _fleet;

    public RouterFleetTests() => _fleet = new RouterFleet(_time, NullLogger<RouterFleet>.Instance);

    [Fact]
    public void A_router_under_two_addresses_is_counted_once()
    {
        _fleet.Expect([new(OnNode, "node-1"), new(OnLoopback, "")]);
        for (var second = 0; second <= 20; second++)
        {
            _fleet.Take(OnNode, Reading("node-1", 10 * second));
            _fleet.Take(OnLoopback, Reading("node-1", 10 * second));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        var view = _fleet.View();

        Assert.Equal("node-1", Assert.Single(view.Routers).Node);
        Assert.InRange(view.Traffic(new ObjectKey("bank", "payments")).RatePerSecond!.Value, 8, 11);
    }

    [Fact]
    public void The_other_address_takes_over_when_the_first_is_silent()
    {
        _fleet.Expect([new(OnNode, "node-1"), new(OnLoopback, "")]);
        _fleet.Take(OnNode, Reading("node-1", 1));
        _time.Advance(TimeSpan.FromSeconds(30));
        _fleet.Take(OnNode, RouterReading.Failed("refused"));
        _fleet.Take(OnLoopback, Reading("node-1", 2));

        Assert.True(Assert.Single(_fleet.View().Routers).Answers);
    }

    [Fact]
    public void A_router_that_falls_silent_keeps_its_last_table_with_its_age_and_the_reason()
    {
        _fleet.Expect([new(OnNode, "node-1")]);
        _fleet.Take(OnNode, Reading("node-1", 1));
        _time.Advance(TimeSpan.FromSeconds(6));
        _fleet.Take(OnNode, RouterReading.Failed("refused"));

        var router = Assert.Single(_fleet.View().Routers);

        Assert.Equal((false, "refused", "live"), (router.Answers, router.Fault, router.Table!.State));
        Assert.Equal(_time.GetUtcNow().AddSeconds(-6), router.AnsweredAt);
    }

    [Fact]
    public void A_router_that_is_no_longer_expected_is_forgotten_once_it_is_silent()
    {
        _fleet.Expect([new(OnNode, "node-1")]);
        _fleet.Take(OnNode, Reading("node-1", 1));
        _fleet.Expect([]);
        Assert.Single(_fleet.View().Routers);

        _time.Advance(TimeSpan.FromSeconds(6));
        _fleet.Expect([]);

        Assert.Empty(_fleet.View().Routers);
    }

    [Fact]
    public void What_a_router_that_was_forgotten_counted_is_forgotten_with_it()
    {
        var began = _time.GetUtcNow();
        _fleet.Expect([new(OnNode, "node-1")]);
        _fleet.Take(OnNode, Reading("node-1", 1));
        _time.Advance(TimeSpan.FromSeconds(6));
        _fleet.Expect([]);

        _fleet.Expect([new(OnNode, "node-1")]);
        _fleet.Take(OnNode, Reading("node-1", 100));
        Assert.Empty(_fleet.FailuresSince(began));
        _time.Advance(TimeSpan.FromSeconds(1));
        _fleet.Take(OnNode, Reading("node-1", 110));
        Assert.Equal(10, Assert.Single(_fleet.FailuresSince(began)).Total.Calls);
    }

    [Fact]
    public void An_expected_router_that_never_answered_is_shown_as_not_found()
    {
        _fleet.Expect([new(OnNode, "node-1")]);
        _fleet.Take(OnNode, RouterReading.Failed("refused"));

        var router = Assert.Single(_fleet.View().Routers);

        Assert.Equal(("node-1", null, false), (router.Node, router.Table, router.Answers));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"node":7}""")]
    [InlineData("""{"node":"n","services":{}}""")]
    [InlineData("""{"node":"n","source":[]}""")]
    [InlineData("""{"node":"n","startedAt":"yesterday"}""")]
    public void A_table_that_makes_no_sense_is_named_as_such(string json)
    {
        using var document = JsonDocument.Parse(json);

        Assert.Throws<MalformedObjectException>(() => RouterTable.Read(document.RootElement));
    }

    [Fact]
    public void A_table_with_less_or_more_than_we_know_is_read()
    {
        using var bare = JsonDocument.Parse("""{"node":"n","services":null,"new":{"field":1}}""");

        var table = RouterTable.Read(bare.RootElement);

        Assert.Equal(("n", "", null, 0), (table.Node, table.State, table.HeardSecondsAgo, table.Ready.Count));
    }

    private static RouterReading Reading(string node, double requests)
    {
        var sample = new Sample(
            "mainstay_router_request_total",
            [new("namespace", "bank"), new("service", "payments"), new("status_class", "2xx")],
            requests);
        return new RouterReading(
            new RouterTable { Node = node, State = "live" },
            RouterCounters.From([sample]),
            new Exposition([], 0, null),
            null);
    }
}
