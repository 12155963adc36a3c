using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.ApiServer.Registry;

/// <summary>v1 nodes; their keys still bear the old name, minions.</summary>
internal static class NodeResource
{
    public static readonly ResourceType Type = new()
    {
        Group = "",
        Version = "v1",
        Kind = "Node",
        Plural = "nodes",
        Singular = "node",
        ShortNames = ["no"],
        IsNamespaced = false,
        HasStatus = true,
        KeepsStatusOnCreate = true,
        StoragePrefix = "/registry/minions/",
        Schema = NodeTypes.Node,
        Columns = NodePrinting.Columns,
        SelectableFields = Selectable.By()
            .And("spec.unschedulable", value => value["spec"]?["unschedulable"]?.ToString() ?? "false"),
    };
}
