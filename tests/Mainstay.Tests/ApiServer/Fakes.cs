using System.Text;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Storage;

namespace Mainstay.Tests.ApiServer;

/// <summary>Objects as the store would hold them.</summary>
internal static class Fakes
{
    public static readonly ResourceType ConfigMaps = Type("", "configmaps");

    public static ResourceType Type(string group, string plural) =>
        ResourceTable.Find(group, "v1", plural) ?? throw new InvalidOperationException($"no {plural} in {group}");

    public static StoredObject ConfigMap(string name, long revision, string label = "")
    {
        var metadata = new JsonObject { ["name"] = name, ["namespace"] = "n" };
        if (label.Length > 0)
        {
            metadata["labels"] = new JsonObject { ["app"] = label };
        }

        var tree = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = metadata };
        return StoredObject.From(ConfigMaps, Key(name), revision, tree);
    }

    public static string Key(string name) => ConfigMaps.StorageKey("n", name);

    public static string Text(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);

    public static JsonObject Tree(string json) => JsonTree.Parse(Encoding.UTF8.GetBytes(json));
}
