using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Etcd;

public sealed class EndpointSetTests : IDisposable
{
    private static readonly Uri A = new("http://a:2379");
    private static readonly Uri B = new("http://b:2379");
    private static readonly Uri C = new("http://c:2379");

    private readonly FakeTimeProvider _time = new();
    private readonly EndpointSet _set;

    public EndpointSetTests()
    {
        _set = new EndpointSet(new EtcdClientOptions { Endpoints = [A, B, C] }, _time);
    }

    [Fact]
    public void Members_of_which_nothing_is_known_are_taken_in_turn()
    {
        var seen = new List<Uri>();
        for (var i = 0; i < 4; i++)
        {
            seen.Add(_set.Current.Address);
            _time.Advance(TimeSpan.FromSeconds(1));
            _set.Leave(_set.Current);
        }

        Assert.Equal([A, B, C, A], seen);
    }

    [Fact]
    public void A_member_without_a_leader_is_not_left_for_mute_ones()
    {
        Is(A, EndpointState.NoLeader);
        Is(B, EndpointState.Mute);
        Is(C, EndpointState.Refused);

        _set.Leave(_set.Current);

        Assert.Equal(A, _set.Current.Address);
    }

    [Fact]
    public void A_member_that_missed_a_probe_is_left_long_before_it_counts_as_mute()
    {
        Is(A, EndpointState.Answers, misses: 1);
        Is(B, EndpointState.Answers);
        Is(C, EndpointState.Answers);

        _set.Reconsider();

        Assert.Equal(B, _set.Current.Address);
    }

    [Fact]
    public void A_member_that_serves_is_kept_when_others_serve_as_well()
    {
        Is(A, EndpointState.Answers);
        Is(B, EndpointState.Answers);

        _set.Reconsider();

        Assert.Equal(A, _set.Current.Address);
    }

    [Fact]
    public void Configured_addresses_stay_and_learned_ones_come_and_go()
    {
        var d = new Uri("http://d:2379");
        _set.Follow(new HashSet<Uri> { B, d });
        Assert.Equal([A, B, C, d], _set.All.Select(endpoint => endpoint.Address));
        var learned = _set.Find(d)!; // just learned

        _set.Follow(new HashSet<Uri> { B });

        Assert.Equal([A, B, C], _set.All.Select(endpoint => endpoint.Address));
        Assert.True(learned.Connection.Left.IsCancellationRequested, "whoever waits there is set free");
    }

    [Fact]
    public void The_member_in_use_that_is_dropped_is_replaced_by_one_that_serves()
    {
        var d = new Uri("http://d:2379");
        _set.Follow(new HashSet<Uri> { d });
        Is(A, EndpointState.Refused);
        Is(B, EndpointState.Refused);
        Is(C, EndpointState.Answers);
        Is(d, EndpointState.Answers);
        _set.Leave(_set.Current);
        _set.Leave(_set.Current);
        var e = new Uri("http://e:2379");

        _set.Follow(new HashSet<Uri> { e });

        Assert.Equal(C, _set.Current.Address);
    }

    [Fact]
    public void Renewing_a_connection_ends_what_waits_on_the_old_one_only()
    {
        var endpoint = _set.Find(A)!; // configured
        var old = endpoint.Connection;

        endpoint.Renew("it went mute");

        Assert.True(old.Left.IsCancellationRequested);
        Assert.Equal("it went mute", old.WhyLeft);
        Assert.False(endpoint.Connection.Left.IsCancellationRequested);
    }

    public void Dispose() => _set.Dispose();

    private void Is(Uri address, EndpointState state, int misses = 0) => _set.Find(address)!.Health =
        new EndpointHealth(state, "", misses, 1, new StatusResponse());
}
