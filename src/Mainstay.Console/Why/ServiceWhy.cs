using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Mainstay.ConsoleSite.Signals;
using Mainstay.ConsoleSite.Signals.Failures;

namespace Mainstay.ConsoleSite.Why;

/// <summary>The answer to <c>mainstay why SERVICE</c>, as text and as JSON.</summary>
/// <param name="Well">nothing is the matter with it, as far as can be seen</param>
public sealed record ServiceWhy(bool Well, string Text, string Json)
{
    /// <param name="service">NAME or NAME.NAMESPACE</param>
    /// <param name="map">the platform</param>
    /// <param name="ledgerFolder">the console's data folder, where the change ledger is</param>
    /// <param name="cancellationToken">ends it</param>
    /// <exception cref="WhyException">no such service, or several</exception>
    public static async Task<ServiceWhy> AskAsync(
        string service, PlatformMap map, string ledgerFolder, CancellationToken cancellationToken)
    {
        var facts = await new WhyReader(map, TimeProvider.System).ReadAsync(service, ledgerFolder, cancellationToken);
        return Of(WhyAnswer.Of(facts));
    }

    internal static ServiceWhy Of(WhyAnswer answer) =>
        new(answer.Well, ToText(answer), ToJson(answer).ToJsonString(new() { WriteIndented = true }));

    private static string ToText(WhyAnswer answer)
    {
        var facts = answer.Facts;
        var text = new StringBuilder();
        text.Append(answer.Well ? "✓ " : "✕ ").Append(answer.Verdict).Append("\n\n");
        text.Append("endpoints   ").Append(facts.Ready is { } ready ? $"{ready} ready" : $"unknown ({facts.ApiFault})");
        text.Append("; routed: ")
            .AppendJoin(", ", facts.Routers.Select(router => $"{router.Node} {Routed(router)}")).Append('\n');
        foreach (var router in facts.Routers.Where(router => router.Calls.Calls > 0))
        {
            text.Append(CultureInfo.InvariantCulture, $"calls       on {router.Node}: {router.Calls.Calls:0}, ")
                .Append(CultureInfo.InvariantCulture, $"{(1 - router.Calls.Share) * 100:0.#} % succeed, ")
                .Append($"p50 {Milliseconds(router.P50Seconds)}, p95 {Milliseconds(router.P95Seconds)}\n");
        }

        Lines(text, "singled", answer.Culprits.Select(culprit => culprit.Says));
        Lines(text, "rejected", facts.Rejected);
        Lines(text, "rollout", facts.Rollouts.Select(Told));
        Lines(text, "fallback", facts.Fallback.Length == 0 ? [] : [Fallback(facts)]);
        Lines(text, "changes", facts.Changes.Take(WhyAnswer.ChangesShown).Select(line =>
            string.Create(CultureInfo.InvariantCulture, $"{line.Score:0.00}  {line.Change.At:yyyy-MM-dd HH:mm:ss}Z  ")
            + $"{line.Change.What} {line.Change.Kind} {line.Change.Namespace}/{line.Change.Name} {line.Change.Detail} "
            + $"({line.Why})"));
        Lines(text, "note", facts.LedgerFault.Length > 0 ? [$"changes: {facts.LedgerFault}"] : []);
        Lines(text, "next", answer.Next);
        foreach (var root in answer.Roots)
        {
            text.Append('\n');
            SignalReportText.WriteRoot(text, root, facts.Signals.GeneratedAt);
        }

        return text.ToString();
    }

    private static JsonObject ToJson(WhyAnswer answer) => new()
    {
        ["service"] = answer.Facts.Service.ToString(),
        ["verdict"] = answer.Verdict,
        ["well"] = answer.Well,
        ["endpoints"] = new JsonObject { ["ready"] = answer.Facts.Ready, ["fault"] = answer.Facts.ApiFault },
        ["routers"] = new JsonArray([.. answer.Facts.Routers.Select(router => (JsonNode)new JsonObject
        {
            ["node"] = router.Node,
            ["routed"] = router.Routed,
            ["calls"] = router.Calls.Calls,
            ["failures"] = router.Calls.Failures,
            ["failuresByRouter"] = router.Calls.ByRouter,
            ["p50Seconds"] = router.P50Seconds,
            ["p95Seconds"] = router.P95Seconds,
            ["fault"] = router.Fault,
        })]),
        ["singledOut"] = new JsonArray([.. answer.Culprits.Select(culprit => (JsonNode)new JsonObject
        {
            ["kind"] = culprit.Kind,
            ["name"] = culprit.Name,
            ["says"] = culprit.Says,
        })]),
        ["rejected"] = Words(answer.Facts.Rejected),
        ["rollouts"] = new JsonArray([.. answer.Facts.Rollouts.Select(rollout => (JsonNode)new JsonObject
        {
            ["deployment"] = rollout.Names,
            ["desired"] = rollout.Desired,
            ["updated"] = rollout.Updated,
            ["ready"] = rollout.Ready,
            ["revision"] = rollout.Revision,
        })]),
        ["fallback"] = new JsonObject
        {
            ["service"] = answer.Facts.Fallback,
            ["byHand"] = answer.Facts.FallbackByHand,
        },
        ["changes"] = new JsonArray([.. answer.Facts.Changes.Take(WhyAnswer.ChangesShown).Select(line =>
            (JsonNode)new JsonObject
            {
                ["score"] = line.Score,
                ["at"] = line.Change.At,
                ["what"] = line.Change.What,
                ["object"] = $"{line.Change.Kind} {line.Change.Namespace}/{line.Change.Name}",
                ["detail"] = line.Change.Detail,
                ["why"] = line.Why,
            })]),
        ["roots"] = new JsonArray([.. answer.Roots.Select(root => JsonNode.Parse(SignalReportJson.WriteRoot(root)))]),
        ["next"] = Words(answer.Next),
    };

    private static JsonArray Words(IEnumerable<string> words) =>
        new([.. words.Select(word => (JsonNode)JsonValue.Create(word))]);

    private static void Lines(StringBuilder text, string word, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            text.Append(word.PadRight(12)).Append(line).Append('\n');
        }
    }

    private static string Routed(RouterSight router) =>
        router.Fault.Length > 0 ? $"unknown ({router.Fault})" : router.Routed is { } count ? $"{count}"
            : "no such service";

    private static string Told(RolloutSight rollout) =>
        $"Deployment {rollout.Names}: {rollout.Ready} of {rollout.Desired} ready, {rollout.Updated} of the present "
        + $"template ({rollout.Revision})";

    private static string Fallback(WhyFacts facts) =>
        facts.FallbackByHand ? $"{facts.Fallback}, taken by hand" : $"{facts.Fallback}, where this one fails";

    private static string Milliseconds(double? seconds) =>
        seconds is { } s ? (s * 1000).ToString("0.#", CultureInfo.InvariantCulture) + " ms" : "unknown";
}
