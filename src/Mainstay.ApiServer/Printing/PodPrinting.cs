using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Printing;

/// <summary>
/// What <c>kubectl get pods</c> says of a pod: one word for the state of all its containers, the worst of them first.
/// Pure.
/// </summary>
internal static class PodPrinting
{
    public static ImmutableArray<Column> Columns { get; } =
    [
        Column.ObjectName,
        Column.Text("Ready", "How many containers are ready, of how many.",
            pod => $"{Sum(pod).Ready}/{Sum(pod).Total}"),
        Column.Text("Status", "The state of the pod in one word.", pod => Sum(pod).Reason),
        new Column("Restarts", "string", "How many times its containers were restarted, and when last.", Restarts),
        Column.ObjectAge,
        Column.Text("IP", "The pod's address.", pod => OrNone(pod["status"]
            .ObjectsAt("podIPs").FirstOrDefault().TextIn("ip"), pod.TextIn("status", "podIP"))).Wide(),
        Column.Text("Node", "The node it runs on.", pod => OrNone(pod.TextIn("spec", "nodeName"))).Wide(),
        Column.Text("Nominated Node", "The node where room is being made for it.",
            pod => OrNone(pod.TextIn("status", "nominatedNodeName"))).Wide(),
        Column.Text("Readiness Gates", "How many further conditions hold, of how many.", Gates).Wide(),
    ];

    /// <summary>Marks the rows of pods that have ended, so that tools can leave them out.</summary>
    public static JsonArray? RowConditions(ResourceType type, JsonObject value)
    {
        var phase = type.Kind == "Pod" ? value.TextIn("status", "phase") : "";
        if (phase is not ("Succeeded" or "Failed"))
        {
            return null;
        }

        JsonNode condition = new JsonObject
        {
            ["type"] = "Completed",
            ["status"] = "True",
            ["reason"] = phase,
            ["message"] = phase == "Succeeded"
                ? "The pod has completed successfully."
                : "The pod failed.",
        };
        return [condition];
    }

    private static JsonNode Restarts(JsonObject pod, DateTimeOffset now)
    {
        var summary = Sum(pod);
        var count = summary.Restarts.ToString(CultureInfo.InvariantCulture);
        return summary.Restarts > 0 && summary.LastEnd.Length > 0
            ? $"{count} ({Ages.Since(summary.LastEnd, now)} ago)"
            : count;
    }

    private static PodSummary Sum(JsonObject pod)
    {
        var phase = pod.TextIn("status", "phase");
        var reason = pod.TextIn("status", "reason") is { Length: > 0 } said ? said : phase;
        var total = pod["spec"].ListAt("containers")?.Count ?? 0;
        var summary = new PodSummary(0, total, reason, 0, "");
        summary = SumInit(pod, summary) ?? SumContainers(pod, summary);
        if (pod["metadata"].TextAt("deletionTimestamp") is not null)
        {
            var isLost = pod.TextIn("status", "reason") == "NodeLost";
            summary = summary with { Reason = isLost ? "Unknown" : "Terminating" };
        }

        return summary;
    }

    /// <summary>Null once all init containers are done.</summary>
    private static PodSummary? SumInit(JsonObject pod, PodSummary summary)
    {
        var total = pod["spec"].ListAt("initContainers")?.Count ?? 0;
        var index = 0;
        foreach (var status in pod["status"].ObjectsAt("initContainerStatuses"))
        {
            summary = summary.WithRestarts(status);
            var state = status["state"];
            var waiting = state?["waiting"].TextIn("reason") ?? "";
            var isSidecar = status.FlagAt("started") && RunsOn(pod, status.TextIn("name"));
            if (isSidecar || (state?["terminated"] is JsonObject ended && (ended.NumberAt("exitCode") ?? 0) == 0))
            {
                index++;
                continue;
            }

            if (state?["terminated"] is JsonObject failed)
            {
                return summary with { Reason = "Init:" + EndOf(failed) };
            }

            return summary with
            {
                Reason = waiting is "" or "PodInitializing" ? $"Init:{index}/{total}" : "Init:" + waiting,
            };
        }

        return null;
    }

    private static PodSummary SumContainers(JsonObject pod, PodSummary summary)
    {
        var hasRunning = false;
        foreach (var status in pod["status"].ObjectsAt("containerStatuses").Reverse())
        {
            summary = summary.WithRestarts(status);
            var state = status["state"];
            if (state?["waiting"].TextIn("reason") is { Length: > 0 } waiting)
            {
                summary = summary with { Reason = waiting };
            }
            else if (state?["terminated"] is JsonObject ended)
            {
                summary = summary with { Reason = EndOf(ended) };
            }
            else if (status.FlagAt("ready") && state?["running"] is not null)
            {
                hasRunning = true;
                summary = summary with { Ready = summary.Ready + 1 };
            }
        }

        return summary.Reason == "Completed" && hasRunning
            ? summary with { Reason = IsReady(pod) ? "Running" : "NotReady" }
            : summary;
    }

    private static string EndOf(JsonObject terminated)
    {
        if (terminated.TextIn("reason") is { Length: > 0 } reason)
        {
            return reason;
        }

        return (terminated.NumberAt("signal") ?? 0) != 0
            ? $"Signal:{terminated.NumberAt("signal")}"
            : $"ExitCode:{terminated.NumberAt("exitCode") ?? 0}";
    }

    private static bool RunsOn(JsonObject pod, string name) => pod["spec"].ObjectsAt("initContainers")
        .Any(container => container.TextIn("name") == name && container.TextIn("restartPolicy") == "Always");

    private static bool IsReady(JsonObject pod) => StatusOf(pod, "Ready") == "True";

    private static string StatusOf(JsonObject pod, string type) => pod["status"].ObjectsAt("conditions")
        .FirstOrDefault(condition => condition.TextIn("type") == type).TextIn("status");

    private static string Gates(JsonObject pod)
    {
        var gates = pod["spec"].ObjectsAt("readinessGates").ToList();
        var open = gates.Count(gate => StatusOf(pod, gate.TextIn("conditionType")) == "True");
        return gates.Count == 0 ? "<none>" : $"{open}/{gates.Count}";
    }

    private static string OrNone(params ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            if (text.Length > 0)
            {
                return text;
            }
        }

        return "<none>";
    }

    /// <param name="LastEnd">when a container last ended before it was restarted; "" for never</param>
    private sealed record PodSummary(int Ready, int Total, string Reason, long Restarts, string LastEnd)
    {
        public PodSummary WithRestarts(JsonObject status)
        {
            var ended = status.TextIn("lastState", "terminated", "finishedAt");
            return this with
            {
                Restarts = Restarts + (status.NumberAt("restartCount") ?? 0),
                LastEnd = string.CompareOrdinal(ended, LastEnd) > 0 ? ended : LastEnd,
            };
        }
    }
}
