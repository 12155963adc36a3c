using System.Collections.Immutable;
using Mainstay.Router.Discovery;
using Mainstay.Router.Discovery.Brake;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Router.Discovery.Brake;

public sealed class EndpointBrakeTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly EndpointBrake _brake;
    private DiscoveredObjects _published = DiscoveredObjects.None;

    public EndpointBrakeTests() => _brake = new EndpointBrake(_time);

    [Fact]
    public void Endpoints_of_a_service_that_all_vanish_stay_in_use_and_say_so()
    {
        Hear(Cluster.Of(("a", [1, 2]), ("b", [3])));

        Hear(Cluster.Of(("a", []), ("b", [3])));

        Assert.Equal(("1b 2b", "3"), (_published.Routed("a"), _published.Routed("b")));
        Assert.Equal(2, _brake.Held.Length);
    }

    [Fact]
    public void What_is_listed_as_not_ready_is_never_held()
    {
        Hear(Cluster.Of(("a", [1, 2])));

        Hear(Cluster.Of().With(Cluster.Service("a")).With(Cluster.Slice("a", Cluster.Address(1, ready: false))));
        Assert.Equal("2b", _published.Routed("a"));

        Hear(Cluster.Of().With(Cluster.Service("a")).With(
            Cluster.Slice("a", Cluster.Address(1, ready: false), Cluster.Address(2, ready: false))));
        Assert.Equal("", _published.Routed("a"));
        Assert.Empty(_brake.Held);
    }

    [Fact]
    public void Some_endpoints_of_one_service_may_go_as_in_any_rollout()
    {
        Hear(Cluster.Of(("a", [1, 2]), ("b", [3]), ("c", [4]), ("d", [5])));

        Hear(Cluster.Of(("a", [2]), ("b", [3]), ("c", [4]), ("d", [5])));

        Assert.Equal("2", _published.Routed("a"));
        Assert.Empty(_brake.Held);
    }

    [Fact]
    public void One_deleted_service_is_a_statement_and_goes()
    {
        Hear(Cluster.Of(("a", [1]), ("b", [3]), ("c", [4]), ("d", [5])));

        Hear(Cluster.Of(("b", [3]), ("c", [4]), ("d", [5])));

        Assert.Equal("", _published.Routed("a"));
        Assert.DoesNotContain(_published.Services.Keys, key => key.Name == "a");
    }

    [Fact]
    public void Most_services_that_vanish_at_once_are_held_with_their_names_and_ports()
    {
        Hear(Cluster.Of(("a", [1]), ("b", [3]), ("c", [4, 6]), ("d", [5])));

        Hear(Cluster.Of(("d", [5])));

        Assert.Equal(("1b", "3b", "4b 6b", "5"), (
            _published.Routed("a"), _published.Routed("b"), _published.Routed("c"), _published.Routed("d")));
    }

    [Fact]
    public void Services_that_vanish_one_by_one_within_seconds_are_held_too_the_first_included()
    {
        Hear(Cluster.Of(("a", [1]), ("b", [3]), ("c", [4]), ("d", [5])));
        Hear(Cluster.Of(("b", [3]), ("c", [4]), ("d", [5])));
        _time.Advance(TimeSpan.FromSeconds(2));
        Hear(Cluster.Of(("c", [4]), ("d", [5])));
        _time.Advance(TimeSpan.FromSeconds(2));

        Hear(Cluster.Of(("d", [5])));

        Assert.Equal(("1b", "3b", "4b"), (_published.Routed("a"), _published.Routed("b"), _published.Routed("c")));
    }

    [Fact]
    public void Services_that_are_deleted_over_a_day_are_not_held()
    {
        Hear(Cluster.Of(("a", [1]), ("b", [3]), ("c", [4]), ("d", [5])));
        var left = _published;
        foreach (var deleted in (string[])["a", "b", "c"])
        {
            _time.Advance(TimeSpan.FromHours(1));
            left = left.Without(deleted);
            Hear(left);
        }

        Assert.Empty(_brake.Held);
        Assert.Equal(["d"], _published.Services.Keys.Select(key => key.Name));
    }

    [Fact]
    public void What_was_released_is_not_held_again()
    {
        Hear(Cluster.Of(("a", [1, 2])));
        Hear(Cluster.Of(("a", [])));

        Assert.True(_brake.Release([.. _brake.Held.Where(one => one.Address.Address == "10.0.0.1")]));
        Hear(Cluster.Of(("a", [])));
        Assert.Equal("2b", _published.Routed("a"));

        Hear(Cluster.Of(("a", [])));
        Assert.Equal("2b", _published.Routed("a"));
    }

    [Fact]
    public void New_endpoints_join_the_held_ones_until_those_have_their_verdict()
    {
        Hear(Cluster.Of(("a", [1, 2])));
        Hear(Cluster.Of(("a", [])));

        Hear(Cluster.Of(("a", [2, 7])));

        Assert.Equal("1b 2 7", _published.Routed("a"));
        Assert.Equal("10.0.0.1", Assert.Single(_brake.Held).Address.Address);
    }

    [Fact]
    public void An_address_that_another_pod_has_now_is_let_go_at_once()
    {
        Hear(Cluster.Of(("a", [1]), ("b", [3])));
        Hear(Cluster.Of(("a", []), ("b", [3])));
        Assert.Equal("1b", _published.Routed("a"));

        Hear(Cluster.Of(("a", [])).With(Cluster.Service("b")).With(
            Cluster.Slice("b", Cluster.Address(3), Cluster.Address(1, uid: "another"))));

        Assert.Equal(("", "1 3"), (_published.Routed("a"), _published.Routed("b")));
    }

    [Fact]
    public void Deleting_a_service_ends_the_hold_of_its_endpoints()
    {
        Hear(Cluster.Of(("a", [1]), ("b", [3]), ("c", [4]), ("d", [5]), ("e", [6])));
        Hear(Cluster.Of(("a", []), ("b", [3]), ("c", [4]), ("d", [5]), ("e", [6])));
        Assert.Equal("1b", _published.Routed("a"));

        Hear(Cluster.Of(("b", [3]), ("c", [4]), ("d", [5]), ("e", [6])));

        Assert.Empty(_brake.Held);
    }

    [Fact]
    public void A_service_without_a_selector_has_its_endpoints_from_a_person_whose_word_counts()
    {
        var byHand = Cluster.Service("a") with { Selector = ImmutableDictionary<string, string>.Empty };
        Hear(Cluster.Of(("a", [1])).With(byHand));

        Hear(Cluster.Of(("a", [])).With(byHand));

        Assert.Equal("", _published.Routed("a"));
    }

    [Fact]
    public void That_word_counts_too_when_most_services_vanish()
    {
        var byHand = Cluster.Service("a") with { Selector = ImmutableDictionary<string, string>.Empty };
        Hear(Cluster.Of(("a", [1]), ("b", [3]), ("c", [4]), ("d", [5])).With(byHand));

        Hear(Cluster.Of(("a", []), ("b", []), ("c", []), ("d", [])).With(byHand));

        Assert.Equal(("", "3b", "4b"), (
            _published.Routed("a"), _published.Routed("b"), _published.Routed("c")));
    }

    [Fact]
    public void A_pod_that_stands_in_two_slices_is_held_with_the_ports_of_both()
    {
        var more = Cluster.Slice("a", Cluster.Address(1)) with
        {
            Key = new Mainstay.Kube.ObjectKey("bank", "a-2"), Ports = [new ServicePort("metrics", 9090)],
        };
        Hear(Cluster.Of(("a", [1])).With(more));

        Hear(Cluster.Of(("a", [])));

        Assert.Equal([8080, 9090], _brake.Held.SelectMany(one => one.Ports).Select(port => port.Port).Order());
        Assert.True(_brake.Release([.. _brake.Held.Where(one => one.Slice.Name == "a-2")]));
        Assert.Equal(8080, Assert.Single(Assert.Single(_brake.Held).Ports).Port);
    }

    [Fact]
    public void What_the_snapshot_says_was_held_is_held_on_after_a_restart()
    {
        Hear(Cluster.Of(("a", [1, 2])));
        Hear(Cluster.Of(("a", [])));
        var saved = _published;
        var next = new EndpointBrake(_time);

        var published = next.Apply(Cluster.Of(("a", [])), saved);

        Assert.Equal("1b 2b", published.Routed("a"));
        Assert.Equivalent(saved.Slices.Keys, published.Slices.Keys, strict: true);
    }

    private void Hear(DiscoveredObjects heard) => _published = _brake.Apply(heard, _published);
}
