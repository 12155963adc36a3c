using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.Deployments;
using Mainstay.Controllers.ReplicaSets;
using Mainstay.Controllers.Scheduling;
using Mainstay.Kube;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Simulation.Controllers;

/// <summary>
/// Rolling updates with caches that lag, each kind by its own measure, and pods that become ready whenever chance says.
/// The message of a failure names its seed.
/// </summary>
public class RolloutSimulationTests
{
    private const int Seeds = 600;

    [Fact]
    public async Task A_rolling_update_never_has_too_few_available_or_too_many_pods_and_always_ends()
    {
        await ForEachSeedAsync(async world =>
        {
            await world.SettleAsync();
            world.HoldToBounds = true;
            for (var rollout = 0; rollout < 3; rollout++)
            {
                // Now and then the next template comes before the last rollout has ended.
                world.SetTemplate($"web:v{world.Chance.Next(1, 5)}");
                await world.StepAsync(world.Chance.Next(10, 400));
            }
            await world.SettleAsync();
        });
    }

    [Fact]
    public async Task Whatever_is_asked_for_and_whenever_pods_fail_the_cluster_ends_as_asked()
    {
        await ForEachSeedAsync(async world =>
        {
            world.PodsFail = true;
            for (var change = 0; change < 5; change++)
            {
                if (world.Chance.Next(2) == 0)
                {
                    world.SetTemplate($"web:v{world.Chance.Next(1, 4)}");
                }
                else
                {
                    world.SetReplicas(world.Chance.Next(0, 9));
                }
                await world.StepAsync(world.Chance.Next(5, 300));
            }
            world.PodsFail = false;
            await world.SettleAsync();
        });
    }

    private static async Task ForEachSeedAsync(Func<RolloutWorld, Task> run)
    {
        foreach (var seed in Enumerable.Range(1, Seeds))
        {
            try
            {
                await run(new RolloutWorld(seed));
            }
            catch (Exception fault)
            {
                Assert.Fail($"seed {seed}: {fault.Message}");
            }
        }
    }

    private sealed class RolloutWorld
    {
        private static readonly ObjectKey Web = new("n", "web");
        private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 3, 0, 0, 0, TimeSpan.Zero));
        private readonly ModelCluster _cluster;
        private readonly List<ControlLoop> _loops;
        private readonly int _surge;
        private readonly int _unavailable;
        private readonly int _nodes;

        public RolloutWorld(int seed)
        {
            Chance = new Random(seed);
            var caches = new ClusterCaches();
            _cluster = new ModelCluster(caches);
            var meters = new ServiceCollection().AddMetrics().BuildServiceProvider()
                .GetRequiredService<IMeterFactory>();
            var world = new LoopWorld(caches, _time, Chance)
            {
                PerformAsync = (write, _) => Perform(write),
                Metrics = new ControllersMetrics(meters),
                Log = NullLogger.Instance,
            };
            _loops =
            [
                new ControlLoop(new DeploymentReconciler(caches), world),
                new ControlLoop(new ReplicaSetReconciler(caches, new Random(seed)), world),
                new ControlLoop(new SchedulerReconciler(caches), world),
            ];
            _loops.ForEach(l => l.Wire());
            (_surge, _unavailable, _nodes) = (Chance.Next(0, 4), Chance.Next(0, 4), Chance.Next(1, 5));
            _unavailable = _surge == 0 && _unavailable == 0 ? 1 : _unavailable;
            AddNodes();
            AddDeployment(Chance.Next(1, 9));
        }

        public Random Chance { get; }

        public bool HoldToBounds { get; set; }

        public bool PodsFail { get; set; }

        private JsonObject Deployment => _cluster.Find(Kinds.Deployment, Web)!;

        private int Replicas => (int)Deployment["spec"]!["replicas"]!;

        public void SetTemplate(string image) => Patch(new JsonObject { ["template"] = Template(image) });

        public void SetReplicas(int replicas) => Patch(new JsonObject { ["replicas"] = replicas });

        public async Task StepAsync(int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                await OneStepAsync();
                Check();
            }
        }

        /// <summary>Runs until the deployment says that it is complete, and it is true, and nothing is left to
        /// do.</summary>
        public async Task SettleAsync()
        {
            for (var step = 0; step < 20_000; step++)
            {
                await OneStepAsync();
                Check();
                if (step % 20 == 0 && IsComplete())
                {
                    return;
                }
            }
            Assert.Fail($"not complete after 20000 steps: {Deployment["status"]?.ToJsonString()}, pods: "
                + string.Join(' ', _cluster.All(Kinds.Pod)
                    .Select(p => $"{p["metadata"]!["name"]}:{p["status"]?.ToJsonString()}")));
        }

        private async Task OneStepAsync()
        {
            switch (Chance.Next(10))
            {
                case < 5:
                    var kinds = _cluster.KindsWithEvents.ToArray();
                    if (kinds.Length > 0)
                    {
                        _cluster.DeliverOne(kinds[Chance.Next(kinds.Length)]);
                    }
                    break;
                case < 8:
                    var loop = _loops[Chance.Next(_loops.Count)];
                    if (loop.Queue.TryTake(out var key))
                    {
                        await loop.LookAtAsync(key, CancellationToken.None);
                    }
                    break;
                case 8:
                    await LivePodAsync();
                    break;
                default:
                    _time.Advance(TimeSpan.FromMilliseconds(Chance.Next(1, 800)));
                    break;
            }
        }

        /// <summary>What a node's agent does to one pod: starts it, ends it, or sees it fail.</summary>
        private async Task LivePodAsync()
        {
            var pods = _cluster.All(Kinds.Pod).Where(p => p["spec"]!["nodeName"] is not null).ToArray();
            if (pods.Length == 0)
            {
                return;
            }
            var pod = pods[Chance.Next(pods.Length)];
            var key = new ObjectKey("n", pod["metadata"]!["name"]!.ToString());
            if (pod["metadata"]!["deletionTimestamp"] is not null)
            {
                _cluster.Remove(Kinds.Pod, key);
                return;
            }
            if (pod["status"]?["phase"]?.ToString() == "Failed")
            {
                return;
            }
            var failed = PodsFail && Chance.Next(6) == 0;
            if (failed || !IsReady(pod))
            {
                var phase = failed && Chance.Next(2) == 0 ? "Failed" : "Running";
                var ready = new JsonObject { ["type"] = "Ready", ["status"] = failed ? "False" : "True" };
                await _cluster.PerformAsync(new PatchObject(Kinds.Pod, key, new JsonObject
                {
                    ["status"] = new JsonObject { ["phase"] = phase, ["conditions"] = new JsonArray(ready) },
                })
                {
                    Subresource = "status",
                });
            }
        }

        private Task<WriteResult?> Perform(Write write)
        {
            var result = _cluster.PerformAsync(write);
            Check();
            return result;
        }

        private void Check()
        {
            if (!HoldToBounds)
            {
                return;
            }
            var present = _cluster.All(Kinds.Pod).Where(p => p["metadata"]!["deletionTimestamp"] is null).ToArray();
            var available = present.Count(IsReady);
            Assert.True(present.Length <= Replicas + _surge,
                $"{present.Length} pods for {Replicas} and a surge of {_surge}");
            Assert.True(available >= Replicas - _unavailable,
                $"{available} available of {Replicas}, of which {_unavailable} may be missing");
        }

        private bool IsComplete()
        {
            var status = Deployment["status"];
            var image = Deployment["spec"]!["template"]!.ToJsonString();
            var pods = _cluster.All(Kinds.Pod).Where(p => p["status"]?["phase"]?.ToString() != "Failed").ToArray();
            var condition = status?["conditions"]?.AsArray()
                .FirstOrDefault(c => c!["type"]!.ToString() == "Progressing");
            return pods.Length == Replicas && pods.All(IsReady) && !_cluster.KindsWithEvents.Any()
                && pods.All(p => image.Contains($"\"{p["spec"]!["containers"]![0]!["image"]}\""))
                && (int)(status?["updatedReplicas"] ?? 0) == Replicas
                    && (int)(status?["availableReplicas"] ?? 0) == Replicas
                && (long)(status?["observedGeneration"] ?? 0) == (long)Deployment["metadata"]!["generation"]!
                && condition?["reason"]?.ToString() == "NewReplicaSetAvailable";
        }

        private static bool IsReady(JsonObject pod) =>
            pod["status"]?["conditions"]?[0]?["status"]?.ToString() == "True"
                && pod["status"]?["phase"]?.ToString() != "Failed";

        private void AddNodes()
        {
            for (var node = 1; node <= _nodes; node++)
            {
                var key = new ObjectKey("", $"node-{node}");
                var ready = new JsonObject { ["type"] = "Ready", ["status"] = "True" };
                var status = new JsonObject { ["conditions"] = new JsonArray(ready) };
                Create(Kinds.Node, key, new JsonObject { ["status"] = status });
            }
        }

        private void AddDeployment(int replicas) => Create(Kinds.Deployment, Web, new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["replicas"] = replicas,
                ["progressDeadlineSeconds"] = 1_000_000,
                ["revisionHistoryLimit"] = 2,
                ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "web" } },
                ["strategy"] = new JsonObject
                {
                    ["type"] = "RollingUpdate",
                    ["rollingUpdate"] = new JsonObject { ["maxSurge"] = _surge, ["maxUnavailable"] = _unavailable },
                },
                ["template"] = Template("web:v0"),
            },
        });

        private void Create(KubeKind kind, ObjectKey key, JsonObject body)
        {
            body["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace };
            Assert.True(_cluster.PerformAsync(new CreateObject(kind, key, body)).IsCompletedSuccessfully);
        }

        private void Patch(JsonObject spec) => Assert.True(_cluster.PerformAsync(
            new PatchObject(Kinds.Deployment, Web, new JsonObject { ["spec"] = spec })).IsCompletedSuccessfully);

        private static JsonObject Template(string image) => new()
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = "web" } },
            ["spec"] = new JsonObject
            {
                ["containers"] = new JsonArray(new JsonObject { ["name"] = "web", ["image"] = image }),
            },
        };
    }
}
