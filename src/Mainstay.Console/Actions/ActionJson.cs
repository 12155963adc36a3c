using System.Globalization;
using System.Text.Json.Nodes;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>Plans and records as JSON, for <c>-o json</c>, for the ledger and for the console.</summary>
public static class ActionJson
{
    public static JsonObject Plan(ActionPlan plan) => new()
    {
        ["id"] = plan.Id,
        ["verb"] = plan.Request.Verb,
        ["target"] = plan.Target,
        ["actor"] = plan.Request.Actor,
        ["at"] = Time(plan.At),
        ["wouldGo"] = plan.WouldGo,
        ["effect"] = plan.Traits.Effect,
        ["bakeSeconds"] = plan.Bake.TotalSeconds,
        ["unitDeadlineSeconds"] = plan.Traits.UnitDeadline.TotalSeconds,
        ["override"] = plan.Request.OverrideReason,
        ["waves"] = List(plan.Waves, wave => List(wave, Unit)),
        ["needs"] = List(plan.Needs, need => new JsonObject
        {
            ["name"] = need.Name, ["well"] = need.Well, ["required"] = need.Required, ["detail"] = need.Detail,
        }),
        ["proofs"] = List(plan.Proofs, proof => new JsonObject
        {
            ["unit"] = proof.Key,
            ["result"] = Word(proof.Value.Result),
            ["reason"] = proof.Value.Reason,
            ["hop"] = proof.Value.Hop,
            ["object"] = proof.Value.Culprit?.ToString() ?? "",
        }),
        ["refusals"] = List(plan.Refusals, refusal => new JsonObject
        {
            ["unit"] = refusal.Unit,
            ["hop"] = refusal.Hop,
            ["object"] = refusal.Culprit,
            ["text"] = refusal.Text,
        }),
        ["notes"] = List(plan.Notes, note => JsonValue.Create(note)),
    };

    public static JsonObject Record(ActionRecord action) => new()
    {
        ["id"] = action.Id,
        ["verb"] = action.Verb,
        ["target"] = action.Target,
        ["actor"] = action.Actor,
        ["state"] = action.StateWord,
        ["plannedAt"] = Time(action.PlannedAt),
        ["startedAt"] = action.StartedAt is { } started ? Time(started) : null,
        ["endedAt"] = action.EndedAt is { } ended ? Time(ended) : null,
        ["outcome"] = action.Outcome,
        ["reason"] = action.Reason,
        ["plan"] = JsonNode.Parse(action.PlanJson),
        ["steps"] = List(action.Steps, step => new JsonObject
        {
            ["at"] = Time(step.At), ["unit"] = step.Unit, ["what"] = step.What, ["detail"] = step.Detail,
        }),
    };

    internal static string Word(ProofResult result) => result switch
    {
        ProofResult.Safe => "safe",
        ProofResult.Unsafe => "unsafe",
        ProofResult.Unproven => "unproven",
        _ => "not-needed",
    };

    private static JsonObject Unit(ActionUnit unit) => new()
    {
        ["unit"] = unit.Subject,
        ["node"] = unit.Node,
        ["zone"] = unit.Zone,
        ["trafficShare"] = unit.TrafficShare,
        ["pods"] = unit.Pods,
        ["lessCapacity"] = List(unit.LessCapacity, service => JsonValue.Create(service)),
    };

    private static JsonArray List<T>(IEnumerable<T> items, Func<T, JsonNode?> write) => [.. items.Select(write)];

    private static string Time(DateTimeOffset at) =>
        at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
