using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.Deployments;
using Mainstay.Controllers.Endpoints;
using Mainstay.Controllers.ReplicaSets;
using Mainstay.Controllers.Routed;
using Mainstay.Controllers.Scheduling;
using Mainstay.Kube;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Simulation.Controllers;

/// <summary>A deployment behind a service, on nodes with a router each; everything lags by its own measure.</summary>
internal sealed class ConvergenceWorld
{
    private const int NodeCount = 3;
    private static readonly ObjectKey Web = new("n", "web");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 3, 0, 0, 0, TimeSpan.Zero));
    private readonly ModelCluster _cluster;
    private readonly List<ControlLoop> _loops;
    private readonly int _surge;
    private readonly int _unavailable;
    private readonly int _replicas;

    public ConvergenceWorld(int seed, bool hasRouters, bool hasGate = true)
    {
        Chance = new Random(seed);
        var caches = new ClusterCaches();
        _cluster = new ModelCluster(caches);
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        var world = new LoopWorld(caches, _time, Chance)
        {
            PerformAsync = (write, _) => Perform(write),
            Metrics = new ControllersMetrics(meters),
            Log = NullLogger.Instance,
        };
        _loops =
        [
            new ControlLoop(new DeploymentReconciler(caches), world),
            new ControlLoop(new ReplicaSetReconciler(caches, new Random(seed))
            {
                Gate = new GateAdding(caches, isOn: hasGate),
            }, world),
            new ControlLoop(new SchedulerReconciler(caches), world),
            new ControlLoop(new EndpointSliceReconciler(caches, new Random(seed + 1)), world),
            new ControlLoop(new RoutedReconciler(caches), world),
        ];
        _loops.ForEach(l => l.Wire());
        Routers = hasRouters ? [.. Enumerable.Range(1, NodeCount).Select(n => new ModelRouter($"node-{n}"))] : [];
        _cluster.Watched = (kind, key, slice, revision) =>
        {
            if (kind == Kinds.EndpointSlice)
            {
                Routers.ForEach(router => router.Hear(key, slice, revision));
            }
        };
        (_replicas, _surge, _unavailable) = (Chance.Next(1, 7), Chance.Next(0, 3), Chance.Next(0, 2));
        // Of one pod that may be missing nothing has to stay.
        _unavailable = Math.Min(_unavailable, _replicas - 1);
        _surge = _surge == 0 && _unavailable == 0 ? 1 : _surge;
        AddObjects();
    }

    public Random Chance { get; }

    public List<ModelRouter> Routers { get; }

    /// <summary>Hold every step to: each router on a living node has enough pods to call that answer.</summary>
    public bool HoldToTables { get; set; }

    public HashSet<string> LostNodes { get; } = [];

    public void SetTemplate(string image) => Done(new PatchObject(Kinds.Deployment, Web,
        new JsonObject { ["spec"] = new JsonObject { ["template"] = Template(image) } }));

    public void Lose(ModelRouter router)
    {
        router.IsFrozen = true;
        LostNodes.Add(router.Node);
        var unknown = new JsonObject { ["type"] = "Ready", ["status"] = "Unknown" };
        Done(new PatchObject(Kinds.Node, new ObjectKey("", router.Node), new JsonObject
        {
            ["status"] = new JsonObject { ["conditions"] = new JsonArray(unknown) },
        })
        {
            Subresource = "status",
        });
    }

    public void Annotate(string name, string value) => Done(new PatchObject(Kinds.Deployment, Web, new JsonObject
    {
        ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [name] = value } },
    }));

    public async Task StepAsync(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            await OneStepAsync();
            Check();
        }
    }

    /// <returns>whether the rollout ended within so many steps</returns>
    public async Task<bool> EndsAsync(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            await OneStepAsync();
            Check();
            if (step % 20 == 0 && IsComplete())
            {
                return true;
            }
        }
        return false;
    }

    public string Describe() => $"{_cluster.Find(Kinds.Deployment, Web)!["status"]?.ToJsonString()}, pods: "
        + string.Join(' ', _cluster.All(Kinds.Pod).Select(p => $"{p["metadata"]!["name"]}:{p["status"]}"));

    public IEnumerable<string> Reasons() => _cluster.All(Kinds.Pod)
        .Select(p => Condition(p, RoutedGate.ConditionType)?["reason"]?.ToString() ?? "");

    public IEnumerable<string> Messages() => _cluster.All(Kinds.Pod)
        .Select(p => Condition(p, RoutedGate.ConditionType)?["message"]?.ToString() ?? "");

    /// <summary>How many of the pods that the router would call answer.</summary>
    public int LiveIn(ModelRouter router)
    {
        var live = _cluster.All(Kinds.Pod)
            .Where(p => p["metadata"]!["deletionTimestamp"] is null && IsReady(p))
            .Select(p => p["metadata"]!["uid"]!.ToString()).ToHashSet();
        return router.Table.Count(live.Contains);
    }

    private async Task OneStepAsync()
    {
        switch (Chance.Next(12))
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
                LivePod();
                break;
            case 9 when Routers.Count > 0:
                Routers[Chance.Next(Routers.Count)].Apply();
                break;
            case 10 when Routers.Count > 0:
                if (Routers[Chance.Next(Routers.Count)].Tell() is { } lease)
                {
                    Done(lease);
                }
                break;
            default:
                _time.Advance(TimeSpan.FromMilliseconds(Chance.Next(1, 800)));
                break;
        }
    }

    /// <summary>What a node's agent does: an address, then readiness as the gate allows, then the end.</summary>
    private void LivePod()
    {
        var pods = _cluster.All(Kinds.Pod).Where(p => p["spec"]!["nodeName"] is not null).ToArray();
        if (pods.Length == 0)
        {
            return;
        }
        var pod = pods[Chance.Next(pods.Length)];
        var name = pod["metadata"]!["name"]!.ToString();
        if (pod["metadata"]!["deletionTimestamp"] is not null)
        {
            _cluster.Remove(Kinds.Pod, new ObjectKey("n", name));
        }
        else if (pod["status"]?["podIP"] is null)
        {
            Report(name, "False", "10.0.0." + Chance.Next(1, 250));
        }
        else if (!IsReady(pod) && (pod["spec"]!["readinessGates"] is null
            || Condition(pod, RoutedGate.ConditionType)?["status"]?.ToString() == "True"))
        {
            Report(name, "True", pod["status"]!["podIP"]!.ToString());
        }
    }

    private void Report(string name, string ready, string address)
    {
        var condition = new JsonObject { ["type"] = "Ready", ["status"] = ready };
        Done(new PatchObject(Kinds.Pod, new ObjectKey("n", name), new JsonObject
        {
            ["status"] = new JsonObject
            {
                ["phase"] = "Running",
                ["podIP"] = address,
                ["conditions"] = new JsonArray(condition),
            },
        })
        {
            Subresource = "status",
            Strategic = true,
        });
    }

    private Task<WriteResult?> Perform(Write write)
    {
        var result = _cluster.PerformAsync(write);
        Check();
        return result;
    }

    private void Check()
    {
        if (!HoldToTables)
        {
            return;
        }
        foreach (var router in Routers.Where(r => !LostNodes.Contains(r.Node)))
        {
            var callable = LiveIn(router);
            Assert.True(callable >= _replicas - _unavailable,
                $"router of {router.Node} has {callable} live pods of {_replicas}, {_unavailable} may be missing");
        }
    }

    /// <summary>
    /// Asks the pods and the tables themselves: a status may be of a moment ago, and pods that were ready before the
    /// first router registered needed no router's word.
    /// </summary>
    private bool IsComplete()
    {
        var deployment = _cluster.Find(Kinds.Deployment, Web)!;
        var image = deployment["spec"]!["template"]!.ToJsonString();
        var pods = _cluster.All(Kinds.Pod).ToArray();
        return pods.Length == _replicas && pods.All(IsReady) && pods.All(IsConverged) && !_cluster.KindsWithEvents.Any()
            && pods.All(p => image.Contains($"\"{p["spec"]!["containers"]![0]!["image"]}\""))
            && (int)(deployment["status"]?["availableReplicas"] ?? 0) == _replicas
            && (long)(deployment["status"]?["observedGeneration"] ?? 0)
                == (long)deployment["metadata"]!["generation"]!
            && Routers.All(router => router.IsSettled && (router.IsFrozen || LiveIn(router) == _replicas));
    }

    private static bool IsReady(JsonObject pod) => Condition(pod, "Ready")?["status"]?.ToString() == "True";

    private static bool IsConverged(JsonObject pod) => pod["spec"]!["readinessGates"] is null
        || (Condition(pod, RoutedGate.ConditionType) is { } gate && gate["status"]!.ToString() == "True"
            && gate["reason"]!.ToString() != RoutedGate.Listed);

    private static JsonNode? Condition(JsonObject pod, string type) =>
        (pod["status"]?["conditions"] as JsonArray)?.FirstOrDefault(c => c!["type"]!.ToString() == type);

    private void AddObjects()
    {
        for (var node = 1; node <= NodeCount; node++)
        {
            var ready = new JsonObject { ["type"] = "Ready", ["status"] = "True" };
            Create(Kinds.Node, new ObjectKey("", $"node-{node}"), new JsonObject
            {
                ["status"] = new JsonObject { ["conditions"] = new JsonArray(ready) },
            });
        }
        Create(Kinds.Service, Web, new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["selector"] = new JsonObject { ["app"] = "web" },
                ["ports"] = new JsonArray(new JsonObject { ["port"] = 80 }),
            },
        });
        Create(Kinds.Deployment, Web, new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["replicas"] = _replicas,
                ["progressDeadlineSeconds"] = 1_000_000,
                ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "web" } },
                ["strategy"] = new JsonObject
                {
                    ["type"] = "RollingUpdate",
                    ["rollingUpdate"] = new JsonObject { ["maxSurge"] = _surge, ["maxUnavailable"] = _unavailable },
                },
                ["template"] = Template("web:v0"),
            },
        });
    }

    private void Create(KubeKind kind, ObjectKey key, JsonObject body)
    {
        body["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace };
        Done(new CreateObject(kind, key, body));
    }

    private void Done(Write write) => Assert.True(_cluster.PerformAsync(write).IsCompletedSuccessfully);

    private static JsonObject Template(string image) => new()
    {
        ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = "web" } },
        ["spec"] = new JsonObject
        {
            ["containers"] = new JsonArray(new JsonObject { ["name"] = "web", ["image"] = image }),
        },
    };
}
