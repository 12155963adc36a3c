using System.Collections.Immutable;
using System.Net;
using Mainstay.Kernel.Signals;
using Mainstay.Router.Discovery;
using Mainstay.Router.Pipeline;
using Mainstay.Tests.Router.Discovery.Brake;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Router.Discovery;

public sealed class SnapshotConfirmationTests
{
    private static readonly Uri Agent = new("http://127.17.0.1:10250");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FakeAgents _agents = new();
    private readonly SignalBoard _board;
    private readonly SnapshotConfirmer _confirmer;

    public SnapshotConfirmationTests()
    {
        _board = new SignalBoard(_time);
        var parts = new DiscoveryParts(new TableSource(), _board) { Node = "node-9" };
        var world = new DiscoveryWorld(NullLogger.Instance, _time, new Random(1));
        _confirmer = new SnapshotConfirmer(_agents, ownAgent: null, parts, world);
    }

    private static DiscoveredObjects Saved => Cluster.Of(("a", [1, 2, 3])) with
    {
        Agents = ImmutableDictionary<string, Uri>.Empty.Add("node-1", Agent),
    };

    [Fact]
    public async Task An_address_that_is_anothers_now_or_nobodys_is_dropped()
    {
        _agents.Pods = Pods(Pod(1, "uid-1"), Pod(2, "another"));

        var usable = await _confirmer.ConfirmAsync(Saved, CancellationToken.None);

        Assert.Equal("1", usable.Routed("a"));
        Assert.Empty(_board.Active);
    }

    [Fact]
    public async Task The_hosts_own_address_is_used_for_agents_do_not_list_who_is_there()
    {
        _agents.Pods = new AgentPodList("10.0.0.3", []);

        var usable = await _confirmer.ConfirmAsync(Saved, CancellationToken.None);

        Assert.Equal("3", usable.Routed("a"));
    }

    [Fact]
    public async Task Where_the_agent_is_silent_everything_is_used_and_the_node_is_named()
    {
        var usable = await _confirmer.ConfirmAsync(Saved, CancellationToken.None);

        Assert.Equal("1 2 3", usable.Routed("a"));
        var signal = Assert.Single(_board.Active);
        Assert.Equal("snapshot-unconfirmed", signal.Name);
        Assert.Contains("node-1", signal.Reading.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_that_never_ends_its_answer_holds_a_start_for_a_bounded_time()
    {
        _agents.Hangs = true;
        var confirming = _confirmer.ConfirmAsync(Saved, CancellationToken.None);
        Assert.False(confirming.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(1.5));

        var usable = await confirming.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal("1 2 3", usable.Routed("a"));
    }

    [Fact]
    public async Task A_silent_agent_is_asked_again_until_it_answers_or_live_discovery_took_over()
    {
        await _confirmer.ConfirmAsync(Saved, CancellationToken.None);
        _agents.Pods = Pods(Pod(1, "uid-1"));
        DiscoveredObjects? used = null;
        var running = _confirmer.RunAsync(() => false, usable => used = usable, CancellationToken.None);

        _time.Advance(TimeSpan.FromSeconds(2));
        await running.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.Equal("1", used?.Routed("a"));
        Assert.Empty(_board.Active);
    }

    [Fact]
    public async Task Live_discovery_ends_the_signal_and_nothing_old_is_used_any_more()
    {
        await _confirmer.ConfirmAsync(Saved, CancellationToken.None);
        var running = _confirmer.RunAsync(() => true, _ => Assert.Fail("old advice"), CancellationToken.None);

        _time.Advance(TimeSpan.FromSeconds(2));
        await running.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.Empty(_board.Active);
    }

    private static AgentPodList Pods(params LocalPod[] pods) => new(Agent.Host, [.. pods]);

    private static LocalPod Pod(int number, string uid) =>
        new(IPAddress.Parse($"10.0.0.{number}"), new Caller("bank", $"pod-{number}", uid));

    private sealed class FakeAgents : IAgentPods
    {
        public AgentPodList? Pods { get; set; }

        public bool Hangs { get; set; }

        public async Task<AgentPodList?> AskAsync(Uri agent, CancellationToken cancellationToken)
        {
            Assert.Equal(Agent, agent);
            if (Hangs)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }

            return Pods;
        }
    }
}
