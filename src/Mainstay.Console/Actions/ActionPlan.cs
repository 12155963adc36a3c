using System.Collections.Immutable;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>What is asked for.</summary>
/// <param name="Verb">as on the command line: <c>restart</c></param>
/// <param name="Actor">the user who asks</param>
public sealed record ActionRequest(string Verb, string Actor)
{
    /// <summary>Only units on these nodes; empty: all.</summary>
    public ImmutableArray<string> Nodes { get; init; } = [];

    /// <summary>Why the bake time is shortened; empty: it is not. Nothing else is ever overridden.</summary>
    public string OverrideReason { get; init; } = "";
}

/// <summary>Why an action is not begun, or not gone on with.</summary>
/// <param name="Text">one sentence for a person</param>
public sealed record Refusal(string Text)
{
    /// <summary>The unit it is about; empty: all.</summary>
    public string Unit { get; init; } = "";

    /// <summary>The hop that is at fault, as a subject; empty where none is.</summary>
    public string Hop { get; init; } = "";

    /// <summary>The object at fault, as <c>EndpointSlice bank/x</c>; empty where none is.</summary>
    public string Culprit { get; init; } = "";
}

/// <summary>What an action would do, what it rests on, and why it must not begin, if it must not.</summary>
public sealed record ActionPlan
{
    public required string Id { get; init; }

    public required ActionRequest Request { get; init; }

    public required TargetTraits Traits { get; init; }

    public required DateTimeOffset At { get; init; }

    public required ImmutableArray<ImmutableArray<ActionUnit>> Waves { get; init; }

    public required ImmutableArray<Need> Needs { get; init; }

    /// <summary>By subject of the unit.</summary>
    public required ImmutableSortedDictionary<string, UnitProof> Proofs { get; init; }

    public required ImmutableArray<Refusal> Refusals { get; init; }

    /// <summary>What a person should know before; it refuses nothing.</summary>
    public required ImmutableArray<string> Notes { get; init; }

    /// <summary>The time that each wave is watched; an override has shortened it already.</summary>
    public required TimeSpan Bake { get; init; }

    public bool WouldGo => Refusals.IsEmpty;

    /// <summary>Whether it does the same to the same units, in the same order: what was agreed to.</summary>
    public bool DoesAs(ActionPlan other) =>
        Traits.Effect == other.Traits.Effect
        && Waves.Select(Subjects).SequenceEqual(other.Waves.Select(Subjects), StringComparer.Ordinal);

    public IEnumerable<ActionUnit> Units => Waves.SelectMany(wave => wave);

    /// <summary>What the ledger keeps of it.</summary>
    public ActionRecord ToRecord() => new()
    {
        Id = Id,
        Verb = Request.Verb,
        Target = Target,
        Actor = Request.Actor,
        PlannedAt = At,
        EndedAt = WouldGo ? null : At,
        State = WouldGo ? ActionState.Planned : ActionState.Refused,
        PlanJson = ActionJson.Plan(this).ToJsonString(),
        Outcome = WouldGo ? "" : "refused",
        Reason = WouldGo ? OverrideWords() : string.Join("; ", Refusals.Select(refusal => refusal.Text)),
    };

    /// <summary>The kind, with the nodes where only some were chosen.</summary>
    public string Target => Request.Nodes.IsEmpty
        ? Traits.Kind
        : $"{Traits.Kind} on {string.Join(", ", Request.Nodes)}";

    private static string Subjects(ImmutableArray<ActionUnit> wave) =>
        string.Join(' ', wave.Select(unit => unit.Subject));

    private string OverrideWords() => Request.OverrideReason.Length == 0 ? "" : $"override: {Request.OverrideReason}";
}
