using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Printing;

/// <summary>What <c>kubectl get nodes</c> says of a node. Pure.</summary>
internal static class NodePrinting
{
    private const string RolePrefix = "node-role.kubernetes.io/";

    public static ImmutableArray<Column> Columns { get; } =
    [
        Column.ObjectName,
        Column.Text("Status", "Whether it is ready, and takes pods.", Status),
        Column.Text("Roles", "What it is for.", Roles),
        Column.ObjectAge,
        Column.Text("Version", "The version of its agent.", value => Info(value, "kubeletVersion", "")),
        Column.Text("Internal-IP", "Its address in the cluster.", value => Address(value, "InternalIP")).Wide(),
        Column.Text("External-IP", "Its address from outside.", value => Address(value, "ExternalIP")).Wide(),
        Column.Text("OS-Image", "Its system.", value => Info(value, "osImage", "<unknown>")).Wide(),
        Column.Text("Kernel-Version", "Its kernel.", value => Info(value, "kernelVersion", "<unknown>")).Wide(),
        Column.Text("Container-Runtime", "What runs its containers.",
            value => Info(value, "containerRuntimeVersion", "<unknown>")).Wide(),
    ];

    private static string Status(JsonObject node)
    {
        var ready = node["status"].ObjectsAt("conditions").FirstOrDefault(one => one.TextIn("type") == "Ready");
        var status = (ready, ready.TextIn("status")) switch
        {
            (null, _) => "Unknown",
            (_, "True") => "Ready",
            _ => "NotReady",
        };
        return node["spec"].FlagAt("unschedulable") ? status + ",SchedulingDisabled" : status;
    }

    private static string Roles(JsonObject node)
    {
        var roles = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in node["metadata"].ObjectAt("labels") ?? [])
        {
            var role = key.StartsWith(RolePrefix, StringComparison.Ordinal) ? key[RolePrefix.Length..]
                : key == "kubernetes.io/role" ? value.AsText() ?? ""
                : "";
            if (role.Length > 0)
            {
                roles.Add(role);
            }
        }

        return roles.Count == 0 ? "<none>" : string.Join(",", roles);
    }

    private static string Address(JsonObject node, string type) =>
        node["status"].ObjectsAt("addresses").FirstOrDefault(one => one.TextIn("type") == type).TextAt("address")
        ?? "<none>";

    private static string Info(JsonObject node, string name, string otherwise) =>
        node.TextIn("status", "nodeInfo", name) is { Length: > 0 } text ? text : otherwise;
}
