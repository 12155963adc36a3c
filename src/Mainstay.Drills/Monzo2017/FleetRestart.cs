using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.Drills.Timeline;
using Mainstay.Kernel;

namespace Mainstay.Drills.Monzo2017;

/// <summary>The restart of every router: asked of the guarded action, or, without that protection, by force.</summary>
internal sealed class FleetRestart(DrillScene scene)
{
    /// <summary>A plan proves each router first, side by side; a proof takes a minute at most.</summary>
    private static readonly TimeSpan PlanDeadline = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan LiveMax = TimeSpan.FromSeconds(20);

    /// <summary>At 14:18: a guarded restart is asked for while the watch is mute.</summary>
    public Task<string> TryAsync(CancellationToken cancellationToken) => scene.Has(Protections.Guard)
        ? AskAsync(Story.FirstRestart, cancellationToken)
        : Task.FromResult("nobody asks what it would do");

    /// <summary>At 14:26: all of them.</summary>
    public Task<string> ActAsync(CancellationToken cancellationToken)
    {
        if (scene.Has(Protections.Guard))
        {
            return AskAsync(Story.Restart, cancellationToken);
        }

        var killed = scene.Stage.Routers().ToList().Count(router => router.Kill());
        if (killed == 0)
        {
            scene.InVain.Add(Story.Restart);
        }

        return Task.FromResult($"no guard asks: {killed} processes of routers are killed at once");
    }

    private async Task<string> AskAsync(string step, CancellationToken cancellationToken)
    {
        var answer = await scene.Stage.MainstayAsync(
            PlanDeadline, cancellationToken, "restart", "routers", "--yes", "-o", "json");
        var refusal = Read(answer.ExitCode, answer.Output, answer.Said) with { Step = step };
        scene.Refusals.Add(refusal);
        return refusal.Refused ? $"refused: {refusal.Text}" : "it was not refused, and done";
    }

    /// <summary>At 15:13: what a restart would meet now.</summary>
    public async Task<string> LookAsync(CancellationToken cancellationToken)
    {
        // They list anew since the API servers answer again; who can read the list is live once it has.
        await scene.Waits.UntilAsync(scene.Stage.AllLiveAsync, LiveMax, cancellationToken);
        foreach (var table in await scene.Stage.TablesAsync(cancellationToken))
        {
            scene.Tables.Add(new TableRecord(Story.Poison, table.Router, table.State));
        }

        if (!scene.Has(Protections.Guard))
        {
            return "nobody asks before a restart";
        }

        var answer = await scene.Stage.MainstayAsync(
            PlanDeadline, cancellationToken, "restart", "routers", "--plan", "-o", "json");
        var now = Read(answer.ExitCode, answer.Output, answer.Said);
        return now.Refused ? $"a restart would be refused: {now.Text}" : "a restart would go: each router is proven";
    }

    /// <summary>
    /// The plan's refusals: the one that names most counts as the answer, and each name is taken from where one is.
    /// </summary>
    internal static RefusalRecord Read(int exitCode, string output, string said)
    {
        var refusals = Refusals(output);
        if (refusals.Count == 0)
        {
            return new RefusalRecord(exitCode != ExitCodes.Ok, "", "", exitCode == ExitCodes.Ok ? "" : said);
        }

        string Named(string field) =>
            refusals.Select(refusal => refusal[field]?.ToString() ?? "").FirstOrDefault(name => name.Length > 0, "");
        var texts = refusals.Select(refusal => refusal["text"]?.ToString() ?? "").Where(text => text.Length > 0);
        return new RefusalRecord(exitCode != ExitCodes.Ok, Named("hop"), Named("object"), string.Join(" ", texts));
    }

    private static List<JsonObject> Refusals(string output)
    {
        try
        {
            var root = JsonNode.Parse(output);
            var plan = root?["plan"] ?? root;
            return [.. (plan?["refusals"] as JsonArray ?? []).OfType<JsonObject>()];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
