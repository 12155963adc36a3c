using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Printing;

/// <summary>What <c>kubectl get</c> says of deployments, replica sets and daemon sets. Pure.</summary>
internal static class WorkloadPrinting
{
    private static readonly Column Containers = Column.Text("Containers", "The names of the template's containers.",
        value => Joined(value, "name")).Wide();

    private static readonly Column Images = Column.Text("Images", "The images of the template's containers.",
        value => Joined(value, "image")).Wide();

    private static readonly Column Selector = Column.Text("Selector", "The pods it looks after.",
        value => LabelSelectorText.Of(value["spec"]?["selector"])).Wide();

    public static ImmutableArray<Column> Deployment { get; } =
    [
        Column.ObjectName,
        Column.Text("Ready", "How many pods are ready, of how many wanted.",
            value => $"{Status(value, "readyReplicas")}/{value["spec"].NumberAt("replicas") ?? 0}"),
        Column.Number("Up-to-date", "How many pods are of the newest template.",
            value => Status(value, "updatedReplicas")) with { Type = "string" },
        Column.Number("Available", "How many pods have been ready for long enough.",
            value => Status(value, "availableReplicas")) with { Type = "string" },
        Column.ObjectAge, Containers, Images, Selector,
    ];

    public static ImmutableArray<Column> ReplicaSet { get; } =
    [
        Column.ObjectName,
        Column.Number("Desired", "How many pods are wanted.", value => value["spec"].NumberAt("replicas") ?? 0),
        Column.Number("Current", "How many pods there are.", value => Status(value, "replicas")),
        Column.Number("Ready", "How many of them are ready.", value => Status(value, "readyReplicas")),
        Column.ObjectAge, Containers, Images, Selector,
    ];

    public static ImmutableArray<Column> DaemonSet { get; } =
    [
        Column.ObjectName,
        Column.Number("Desired", "On how many nodes it should run.", value => Status(value, "desiredNumberScheduled")),
        Column.Number("Current", "On how many of them it runs.", value => Status(value, "currentNumberScheduled")),
        Column.Number("Ready", "On how many it is ready.", value => Status(value, "numberReady")),
        Column.Number("Up-to-date", "On how many it is of the newest template.",
            value => Status(value, "updatedNumberScheduled")),
        Column.Number("Available", "On how many it has been ready for long enough.",
            value => Status(value, "numberAvailable")),
        Column.Text("Node Selector", "The labels a node must have.",
            value => Labels(value["spec"]?["template"]?["spec"]?["nodeSelector"])),
        Column.ObjectAge, Containers, Images, Selector,
    ];

    public static ImmutableArray<Column> ControllerRevision { get; } =
    [
        Column.ObjectName,
        Column.Text("Controller", "Whose history it is.", Controller),
        Column.Number("Revision", "Its number.", value => value.NumberAt("revision") ?? 0) with { Type = "string" },
        Column.ObjectAge,
    ];

    /// <summary>a=1,b=2, or &lt;none&gt;.</summary>
    public static string Labels(JsonNode? labels)
    {
        var pairs = (labels as JsonObject ?? []).OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{pair.Key}={pair.Value.AsText()}");
        return string.Join(",", pairs) is { Length: > 0 } text ? text : "<none>";
    }

    private static long Status(JsonObject value, string name) => value["status"].NumberAt(name) ?? 0;

    private static string Joined(JsonObject value, string name) => string.Join(",",
        value["spec"]?["template"]?["spec"].ObjectsAt("containers").Select(container => container.TextIn(name)) ?? []);

    private static string Controller(JsonObject value)
    {
        var owner = value["metadata"].ObjectsAt("ownerReferences").FirstOrDefault(owner => owner.FlagAt("controller"));
        if (owner is null)
        {
            return "<none>";
        }

        var groupVersion = owner.TextIn("apiVersion").Split('/');
        var group = groupVersion.Length == 2 ? "." + groupVersion[0] : "";
        return $"{owner.TextIn("kind").ToLowerInvariant()}{group}/{owner.TextIn("name")}";
    }
}
