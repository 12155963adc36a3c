using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Mainstay.Agent.Pods;
using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.Agent.Api;

/// <summary>
/// Writes events, in moderation: the same thing said again counts one object up, an API server that is away loses
/// them, a backlog that is full drops them. One loop; <see cref="Post"/> from any thread.
/// </summary>
internal sealed class EventWriter(string nodeName, AgentMetrics metrics, ApiWorld world, ILogger logger) : IPodEvents
{
    private readonly Channel<PodEvent> _backlog = Channel.CreateBounded<PodEvent>(
        new BoundedChannelOptions(Limits.EventBacklogMax) { SingleReader = true });

    private readonly Dictionary<string, Series> _series = new(StringComparer.Ordinal);

    public void Post(PodEvent podEvent)
    {
        if (!_backlog.Writer.TryWrite(podEvent))
        {
            metrics.EventDropped();
        }
    }

    public async Task RunAsync(ApiConnection connection, CancellationToken cancellationToken)
    {
        var http = await connection.WaitAsync(cancellationToken);
        var lastFault = "";
        await foreach (var next in _backlog.Reader.ReadAllAsync(cancellationToken))
        {
            try
            {
                await WriteAsync(http, next, cancellationToken);
                lastFault = "";
            }
            catch (Exception e) when (ApiConnection.IsOfTheWorld(e))
            {
                metrics.EventDropped();
                if (e.Message != lastFault)
                {
                    AgentLog.ApiWorkFailed(logger, "Writing of an event", e.Message);
                    lastFault = e.Message;
                }
            }
        }
    }

    private async Task WriteAsync(KubeHttp http, PodEvent podEvent, CancellationToken cancellationToken)
    {
        var key = $"{podEvent.Pod.Uid}\0{podEvent.Reason}\0{podEvent.Message}";
        var events = $"/api/v1/namespaces/{podEvent.Pod.Namespace}/events";
        if (_series.TryGetValue(key, out var series))
        {
            series.Count++;
            var patch = new JsonObject
            {
                ["count"] = series.Count,
                ["lastTimestamp"] = NodeShape.Time(podEvent.At),
            };
            try
            {
                using var patched = await http.MergeAsync($"{events}/{series.Name}", patch, cancellationToken);
                return;
            }
            catch (KubeStatusException e) when (e.IsNotFound)
            {
                // Events expire; the next one starts a new series.
                _series.Remove(key);
            }
        }

        if (_series.Count >= Limits.EventSeriesMax)
        {
            _series.Clear();
        }

        var name = $"{podEvent.Pod.Name}.{world.Random.NextInt64().ToString("x16", CultureInfo.InvariantCulture)}";
        using var created = await http.CreateAsync(events, ToJson(podEvent, name), cancellationToken);
        _series[key] = new Series(name);
    }

    private JsonObject ToJson(PodEvent podEvent, string name) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Event",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = podEvent.Pod.Namespace },
        ["involvedObject"] = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["namespace"] = podEvent.Pod.Namespace,
            ["name"] = podEvent.Pod.Name,
            ["uid"] = podEvent.Pod.Uid,
        },
        ["type"] = podEvent.IsWarning ? "Warning" : "Normal",
        ["reason"] = podEvent.Reason,
        ["message"] = podEvent.Message,
        ["source"] = new JsonObject { ["component"] = "mainstay-agent", ["host"] = nodeName },
        ["firstTimestamp"] = NodeShape.Time(podEvent.At),
        ["lastTimestamp"] = NodeShape.Time(podEvent.At),
        ["count"] = 1,
    };

    private sealed record Series(string Name)
    {
        public int Count { get; set; } = 1;
    }
}
