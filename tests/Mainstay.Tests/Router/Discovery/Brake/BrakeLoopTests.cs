using System.Collections.Immutable;
using System.Net;
using Mainstay.Kernel.Signals;
using Mainstay.Router.Discovery;
using Mainstay.Router.Discovery.Brake;
using Mainstay.Router.Pipeline;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Router.Discovery.Brake;

public sealed class BrakeLoopTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FakeWitnesses _witnesses = new();
    private readonly EndpointBrake _brake;
    private readonly SignalBoard _board;
    private readonly BrakeLoop _loop;

    public BrakeLoopTests()
    {
        _brake = new EndpointBrake(_time);
        _board = new SignalBoard(_time);
        var parts = new DiscoveryParts(new TableSource(), _board) { Node = "node-1" };
        _loop = new BrakeLoop(
            _brake, _witnesses, parts, new DiscoveryWorld(NullLogger.Instance, _time, new Random(1)));
    }

    [Fact]
    public async Task A_deliberate_scale_to_zero_ends_with_the_first_quorum_list()
    {
        Vanish();
        _witnesses.Pods = [Cluster.Pod("other", 9), Cluster.Pod("a", 1, alive: false)];

        await _loop.RoundAsync(CancellationToken.None);

        Assert.Empty(_brake.Held);
        Assert.Empty(_board.Active);
    }

    [Fact]
    public async Task While_the_pods_are_alive_by_quorum_the_hold_stays_and_is_signalled_with_names()
    {
        Vanish();
        _witnesses.Pods = [Cluster.Pod("a", 1), Cluster.Pod("a", 2)];

        await _loop.RoundAsync(CancellationToken.None);

        Assert.Equal(2, _brake.Held.Length);
        var signal = Assert.Single(_board.Active);
        Assert.Equal(("brake-holding", "router/node-1"), (signal.Name, signal.Subject));
        Assert.Contains("bank/a", signal.Reading.Summary, StringComparison.Ordinal);
        var evidence = Assert.Single(signal.Reading.Evidence);
        Assert.Contains("10.0.0.1", evidence.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_nobody_answers_the_hold_stays()
    {
        Vanish();

        await _loop.RoundAsync(CancellationToken.None);

        Assert.Equal(2, _brake.Held.Length);
    }

    [Fact]
    public async Task Whoever_refuses_or_lives_under_another_uid_is_let_go_alone()
    {
        Vanish();
        _witnesses.Refusing = "10.0.0.1";
        await _loop.RoundAsync(CancellationToken.None);
        Assert.Equal("10.0.0.2", Assert.Single(_brake.Held).Address.Address);

        _witnesses.Local = Local(new LocalPod(IPAddress.Parse("10.0.0.2"), new Caller("bank", "x", "another")));
        await _loop.RoundAsync(CancellationToken.None);
        Assert.Empty(_brake.Held);
    }

    [Fact]
    public async Task The_API_server_is_asked_often_at_first_and_seldom_later()
    {
        Vanish();
        _witnesses.Pods = [Cluster.Pod("a", 1), Cluster.Pod("a", 2)];
        for (var second = 0; second < 60; second++)
        {
            await _loop.RoundAsync(CancellationToken.None);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(_witnesses.Lists, 14, 16);
        Assert.Equal(60, _witnesses.LocalLists);
    }

    [Fact]
    public async Task Many_services_are_asked_for_a_namespace_at_once()
    {
        string[] names = ["a", "b", "c", "d", "e", "f"];
        var all = Cluster.Of([.. names.Select((name, index) => (name, new[] { index }))]);
        _brake.Apply(Cluster.Of([.. names.Select(name => (name, Array.Empty<int>()))]), all);
        _witnesses.Pods = [.. names.Take(5).Select((name, index) => Cluster.Pod(name, index))];

        await _loop.RoundAsync(CancellationToken.None);

        Assert.Equal(1, _witnesses.Lists);
        Assert.Equal(["a", "b", "c", "d", "e"], _brake.Held.Select(one => one.Service.Key.Name).Order());
    }

    [Fact]
    public async Task An_agent_says_nothing_of_pods_on_its_hosts_own_network()
    {
        Vanish();
        _witnesses.Local = new AgentPodList("10.0.0.1", []);

        await _loop.RoundAsync(CancellationToken.None);

        Assert.Equal("10.0.0.1", Assert.Single(_brake.Held).Address.Address);
    }

    [Fact]
    public async Task One_port_that_refuses_says_nothing_of_the_others()
    {
        var many = Cluster.Slice("a", Cluster.Address(1)) with
        {
            Ports = [new ServicePort("http", 8080), new ServicePort("metrics", 9090)],
        };
        _brake.Apply(Cluster.Of(("a", [])), Cluster.Of(("a", [])).With(many));
        _witnesses.Refuses = (_, port) => port == 8080;
        await _loop.RoundAsync(CancellationToken.None);
        Assert.Single(_brake.Held);

        _witnesses.Refuses = (_, _) => true;
        await _loop.RoundAsync(CancellationToken.None);
        Assert.Empty(_brake.Held);
    }

    [Fact]
    public async Task Never_more_than_a_bound_of_connections_are_tried_at_once_and_all_are_tried()
    {
        int[] numbers = [.. Enumerable.Range(1, 250)];
        _brake.Apply(Cluster.Of(("a", [])), Cluster.Of(("a", numbers)));
        _witnesses.Refuses = (_, _) => true;
        _witnesses.IsSlow = true;

        await _loop.RoundAsync(CancellationToken.None);

        Assert.Empty(_brake.Held);
        Assert.InRange(_witnesses.ConnectionsMost, 2, Mainstay.Router.Limits.BrakeConnectionsMax);
    }

    [Fact]
    public async Task Pods_are_asked_for_by_the_selector_of_now()
    {
        Vanish();
        var other = ImmutableDictionary<string, string>.Empty.Add("app", "renamed");
        _brake.Apply(Cluster.Of(("a", [])).With(Cluster.Service("a") with { Selector = other }), Cluster.Of(("a", [])));
        _witnesses.Pods = [Cluster.Pod("renamed", 1)];

        await _loop.RoundAsync(CancellationToken.None);

        Assert.Equal(other, _witnesses.Labels);
        Assert.Equal("10.0.0.1", Assert.Single(_brake.Held).Address.Address);
    }

    private static AgentPodList Local(params LocalPod[] pods) => new("10.0.9.9", [.. pods]);

    private void Vanish() => _brake.Apply(Cluster.Of(("a", [])), Cluster.Of(("a", [1, 2])));

    private sealed class FakeWitnesses : IWitnesses
    {
        public ImmutableArray<PodObject>? Pods { get; set; }

        public AgentPodList? Local { get; set; }

        public string Refusing { set => Refuses = (address, _) => address == value; }

        public Func<string, int, bool> Refuses { get; set; } = (_, _) => false;

        public bool IsSlow { get; set; }

        public int ConnectionsMost { get; private set; }

        public ImmutableDictionary<string, string>? Labels { get; private set; }

        private int _connections;

        public int Lists { get; private set; }

        public int LocalLists { get; private set; }

        public Task<ImmutableArray<PodObject>?> PodsAsync(
            string scope, ImmutableDictionary<string, string>? labels, CancellationToken cancellationToken)
        {
            Lists++;
            Labels = labels;
            return Task.FromResult(Pods);
        }

        public Task<AgentPodList?> LocalPodsAsync(string node, CancellationToken cancellationToken)
        {
            LocalLists++;
            return Task.FromResult(Local);
        }

        public async Task<bool> RefusesAsync(string address, int port, CancellationToken cancellationToken)
        {
            var now = Interlocked.Increment(ref _connections);
            lock (this)
            {
                ConnectionsMost = Math.Max(ConnectionsMost, now);
            }

            if (IsSlow)
            {
                await Task.Yield();
            }

            Interlocked.Decrement(ref _connections);
            return Refuses(address, port);
        }
    }
}
