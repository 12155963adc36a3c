using System.Text.Json.Nodes;
using Mainstay.Kernel;

namespace Mainstay.Drills.Stage;

/// <summary>Where the parts of a platform are, as <c>DIR/up/up.json</c> says.</summary>
/// <param name="Nodes">their names</param>
/// <param name="Console">its URL</param>
/// <param name="RouterAdmins">the admin URL of each router</param>
internal sealed record StageAddresses(IReadOnlyList<string> Nodes, Uri? Console, IReadOnlyList<Uri> RouterAdmins)
{
    public static readonly StageAddresses None = new([], null, []);

    public static StageAddresses Read(string dataFolder)
    {
        var file = Path.Combine(dataFolder, "up/up.json");
        var record = JsonNode.Parse(File.ReadAllText(file)) as JsonObject;
        var nodes = record?["nodes"] as JsonArray ?? [];
        var health = record?["healthUrls"] as JsonObject ?? [];
        if (nodes.Count == 0 || record?["console"] is not { } console)
        {
            throw new StartException($"{file} names no nodes or no console", "start the drill again");
        }

        return new StageAddresses(
            [.. nodes.Select(node => node?.ToString() ?? "")],
            new Uri(console.ToString()),
            [.. health.Where(part => part.Key.StartsWith("router ", StringComparison.Ordinal))
                .Select(part => new Uri(new Uri(part.Value?.ToString() ?? ""), "/"))]);
    }
}
