using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.NodeHealth;
using Mainstay.Controllers.Routed;
using Mainstay.Controllers.Signals;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Controllers.Signals;

public class ControllersSignalsTests
{
    private readonly FakeTimeProvider _time = new(Given.Now);
    private readonly ClusterCaches _caches = new();
    private readonly ControllersSignals _signals;

    public ControllersSignalsTests()
    {
        var world = new LoopWorld(_caches, _time, new Random(1))
        {
            PerformAsync = (_, _) => Task.FromResult<WriteResult?>(null),
            Metrics = new ControllersMetrics(new ServiceCollection().AddMetrics().BuildServiceProvider()
                .GetRequiredService<IMeterFactory>()),
            Log = NullLogger.Instance,
        };
        var heartbeat = new HeartbeatSeen(_time, () => new Uri("https://127.0.0.1:6443/"));
        heartbeat.Wire(_caches, hasSlices: true);
        _signals = new ControllersSignals(world, heartbeat, "127.0.0.1:10257");
    }

    [Fact]
    public void A_container_that_ends_again_and_again_is_named_with_its_log()
    {
        Given.Add(_caches, Crashing("{waiting: {reason: CrashLoopBackOff}}", 4));

        var signal = Active().Single();

        Assert.Equal(("crash-loop", "pod/n/web-1"), (signal.Name, signal.Subject));
        Assert.Equal("4", EvidenceOf(signal, "restarts"));
        Assert.Equal("3", EvidenceOf(signal, "exitCode"));
        Assert.Contains("--previous", EvidenceOf(signal, "log"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_crash_loop_that_runs_for_a_moment_is_still_one_and_ends_when_it_runs_on()
    {
        Given.Add(_caches, Crashing("{running: {}}", 4));
        Assert.Single(Active());

        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.Empty(Active());
    }

    [Fact]
    public void A_rollout_that_does_not_move_says_what_its_pod_waits_for()
    {
        Given.Add(_caches, Deployment("11:59:40", "ReplicaSetUpdated"), """
            kind: ReplicaSet
            metadata:
              name: web-2
              annotations: {deployment.kubernetes.io/revision: "2"}
              ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: web, controller: true}]
            spec: {replicas: 1, selector: {matchLabels: {app: web}}, template: {spec: {containers: [{name: c}]}}}
            """, Given.Pod("web-2-a", "web-2", status: """
            {phase: Pending, containerStatuses: [{name: c, ready: false, restartCount: 0, image: i, imageID: "",
             state: {waiting: {reason: ErrImagePull, message: no such image}}}]}
            """));
        Assert.Empty(Active());

        _time.Advance(TimeSpan.FromSeconds(15));
        var signal = Active().Single();

        Assert.Equal(("rollout-stuck", "deployment/n/web"), (signal.Name, signal.Subject));
        Assert.Contains("ErrImagePull", EvidenceOf(signal, "web-2-a"), StringComparison.Ordinal);
        Assert.Contains("pod/n/web-2-a", signal.Reading.CausedBy);
    }

    [Theory]
    [InlineData("NewReplicaSetAvailable")]
    [InlineData("DeploymentPaused")]
    public void A_rollout_that_is_over_or_paused_is_not_stuck(string reason)
    {
        Given.Add(_caches, Deployment("08:00:00", reason));

        Assert.Empty(Active());
    }

    [Fact]
    public void A_held_rollout_names_the_routers_and_points_to_them()
    {
        var pod = Given.Pod("web-2-a", "web-2");
        Given.Add(_caches, pod, Given.Router("node-2", "17"), Given.Node("node-2"));
        _signals.Pending = () =>
        [
            new RoutedHold(_caches.Pods.Get(new ObjectKey("n", "web-2-a"))!, RoutedStage.Open, Given.Now,
                new RoutedJudgement(121, ["node-2"], ["node-3"], [])),
        ];
        Assert.Empty(Active());

        _time.Advance(TimeSpan.FromSeconds(7));
        var signal = Active().Single();

        Assert.Equal("rollout-not-converged", signal.Name);
        Assert.Equal(["router/node-2"], signal.Reading.CausedBy);
        Assert.Equal("node-2: 17", EvidenceOf(signal, "appliedRevisions"));
        Assert.Equal("node-3", EvidenceOf(signal, "excusedRouters"));
        Assert.Contains("node-2", signal.Reading.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gate_that_a_node_opened_without_proof_is_told_until_it_is_proven()
    {
        Given.Add(_caches, Given.Pod("web-1", "web", status: """
            {phase: Running, conditions: [{type: mainstay.dev/routed, status: "True", reason: Unproven}]}
            """));

        Assert.Equal("routed-gate-unproven", Active().Single().Name);
    }

    [Fact]
    public void A_silent_node_is_named_with_its_pods_and_whether_the_storm_stop_holds()
    {
        Given.Add(_caches, Given.Node("node-1"), Given.Node("node-2"), Given.Pod("web-1", "web"));
        var silent = new Dictionary<string, TimeSpan> { ["node-1"] = TimeSpan.FromSeconds(50) };
        _signals.Nodes = () => new NodeJudgement(silent, 2, IsStorm: false);

        var signal = Active().Single();

        Assert.Equal(("node-agent-lost", "node/node-1"), (signal.Name, signal.Subject));
        Assert.Equal("n/web-1", EvidenceOf(signal, "pods"));
        Assert.Equal("open", EvidenceOf(signal, "stormStop"));
    }

    [Fact]
    public void Own_deafness_claims_no_node_lost_and_takes_no_claim_back()
    {
        Given.Add(_caches, Given.Node("node-1"), Given.Node("node-2"));
        var silent = new Dictionary<string, TimeSpan> { ["node-1"] = TimeSpan.FromSeconds(50) };
        _signals.Nodes = () => new NodeJudgement(silent, 2, IsStorm: false) { IsDeaf = true };
        Assert.Empty(Active());

        _signals.Nodes = () => new NodeJudgement(silent, 2, IsStorm: false);
        Assert.Single(Active());
        _signals.Nodes = () => new NodeJudgement(new Dictionary<string, TimeSpan>(), 2, false) { IsDeaf = true };
        Assert.Single(Active());
    }

    [Fact]
    public void The_hop_tells_the_last_sequence_and_its_age_by_the_own_clock()
    {
        Beat("41");
        _time.Advance(TimeSpan.FromSeconds(2));
        Beat("42");
        _time.Advance(TimeSpan.FromSeconds(3));
        Beat("42");
        Beat("nonsense");

        var hop = Assert.Single(SignalsJson.Read(_signals.ToJson()).Hops);

        Assert.Equal(("controllers", "api/https://127.0.0.1:6443", 42L), (hop.Name, hop.Via, hop.Sequence));
        Assert.Equal(TimeSpan.FromSeconds(3), hop.Age);
    }

    private void Beat(string sequence) => Given.Add(_caches, $$"""
        kind: EndpointSlice
        metadata:
          name: mainstay-heartbeat
          namespace: kube-system
          annotations: {mainstay.dev/sequence: "{{sequence}}"}
        """);

    private ImmutableArray<Signal> Active()
    {
        _signals.Judge(_time.GetUtcNow());
        return SignalsJson.Read(_signals.ToJson()).Signals;
    }

    private static string EvidenceOf(Signal signal, string name) =>
        signal.Reading.Evidence.Single(evidence => evidence.Name == name).Value;

    private static string Crashing(string state, int restarts) => Given.Pod("web-1", "web", status: $$"""
        {phase: Running, containerStatuses: [{name: c, ready: false, restartCount: {{restarts}}, image: i, imageID: "",
         state: {{state}}, lastState: {terminated: {exitCode: 3, finishedAt: "2026-06-01T11:59:00Z"} } }]}
        """);

    private static string Deployment(string movedAt, string reason) => $$"""
        kind: Deployment
        metadata: {name: web}
        spec: {replicas: 1, selector: {matchLabels: {app: web} }, template: {spec: {containers: [{name: c}]} } }
        status:
          conditions:
          - {type: Progressing, status: "True", reason: {{reason}}, lastUpdateTime: "2026-06-01T{{movedAt}}Z"}
        """;
}
