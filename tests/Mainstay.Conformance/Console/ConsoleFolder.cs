using System.Text.Json.Nodes;
using Mainstay.Tests.ConsoleSite;

namespace Mainstay.Conformance.ConsoleSite;

/// <summary>
/// The data folder of a platform that is not there but for its routers, as <c>up</c> writes it of itself: a plan has
/// something to show, and something to refuse.
/// </summary>
internal static class ConsoleFolder
{
    public static void Fill(string root, FakePlatform platform)
    {
        Directory.CreateDirectory(Path.Combine(root, "up"));
        File.WriteAllText(Path.Combine(root, "up/up.json"), Record(platform).ToJsonString());
    }

    private static JsonObject Record(FakePlatform platform)
    {
        var routers = platform.Routers.Select(router => router.ToString()).ToList();
        var health = new JsonObject { ["controllers"] = routers[0], ["console"] = routers[0] };
        var nodes = new JsonArray();
        for (var number = 1; number <= routers.Count; number++)
        {
            nodes.Add($"node-{number}");
            health[$"router node-{number}"] = routers[number - 1];
            health[$"agent node-{number}"] = routers[number - 1];
        }

        return new JsonObject
        {
            ["process"] = new JsonObject { ["pid"] = 1, ["startTicks"] = 0, ["bootId"] = "" },
            ["agents"] = new JsonArray(),
            ["nodes"] = nodes,
            ["zoneOf"] = new JsonObject { ["node-1"] = "zone-a", ["node-2"] = "zone-b", ["node-3"] = "zone-c" },
            ["ready"] = true,
            ["console"] = routers[0],
            ["api"] = routers[0],
            ["apiServers"] = new JsonArray("https://127.0.0.1:1"),
            ["router"] = routers[0],
            ["store"] = routers[0],
            ["healthUrls"] = health,
        };
    }
}
