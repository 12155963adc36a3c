using System.Collections.Immutable;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>What the guard decides from.</summary>
internal sealed record GuardInput(
    TargetTraits Traits,
    ImmutableArray<ActionUnit> Chosen,
    ImmutableSortedDictionary<string, UnitProof> Proofs,
    ImmutableArray<Need> Needs,
    WorldView World)
{
    /// <summary>The action that runs already, or null.</summary>
    public ActionRecord? Running { get; init; }

    /// <summary>Nodes that were asked for and that are not there.</summary>
    public ImmutableArray<string> UnknownNodes { get; init; } = [];
}

/// <summary>
/// Whether an action may begin. Nothing that is unknown counts as well: a unit without a fresh proof is refused as one
/// that failed it. A pure function.
/// </summary>
internal static class Guard
{
    public static ImmutableArray<Refusal> Refusals(GuardInput input) =>
    [
        .. Running(input.Running),
        .. Chosen(input),
        .. input.Chosen.SelectMany(unit => Proof(unit, input.Proofs.GetValueOrDefault(unit.Subject))),
        .. Missing(input.Needs),
        .. input.World.Signals.SelectMany(signal => Signal(input.Traits, signal)),
    ];

    /// <summary>What a person should know and what refuses nothing.</summary>
    public static ImmutableArray<string> Notes(GuardInput input)
    {
        var notes = ImmutableArray.CreateBuilder<string>();
        foreach (var need in input.Needs.Where(need => need is { Required: false, Well: false }))
        {
            notes.Add($"not needed, and not well: {need.Name}: {need.Detail}");
        }

        foreach (var (part, reason) in input.World.Silent)
        {
            notes.Add($"{part} does not answer, nothing is known of it: {reason}");
        }

        foreach (var signal in input.World.Signals)
        {
            if (input.Traits.NoCureFor.TryGetValue(signal.Name, out var words))
            {
                notes.Add($"{signal.Name} on {signal.Subject} is active: {words}");
            }
        }

        return notes.ToImmutable();
    }

    /// <summary>The refusal that a unit's proof gives, if it gives one; asked again before each wave.</summary>
    public static IEnumerable<Refusal> Proof(ActionUnit unit, UnitProof? proof)
    {
        if (proof is { Result: ProofResult.Safe or ProofResult.NotNeeded })
        {
            yield break;
        }

        var hop = proof?.Hop ?? "";
        var culprit = proof?.Culprit?.ToString() ?? "";
        var at = hop.Length > 0 ? $" at {hop}" : "";
        var about = culprit.Length > 0 ? $" ({culprit})" : "";
        var reason = proof?.Reason is { Length: > 0 } words ? words : "no proof was to be had";
        var what = proof?.Result == ProofResult.Unsafe ? "could not start now" : "is not proven to start now";
        yield return new Refusal($"{unit.Subject} {what}{at}: {reason}{about}")
        {
            Unit = unit.Subject,
            Hop = hop,
            Culprit = culprit,
        };
    }

    /// <summary>The refusals that needs give; asked again before each wave.</summary>
    public static IEnumerable<Refusal> Missing(ImmutableArray<Need> needs) =>
        needs.Where(need => need is { Required: true, Well: false }).Select(need =>
            new Refusal($"what it needs is not well: {need.Name}: {need.Detail}") { Hop = need.Name });

    private static IEnumerable<Refusal> Running(ActionRecord? running)
    {
        if (running is not null)
        {
            yield return new Refusal(
                $"another action runs: {running.Verb} {running.Target} by {running.Actor} ({running.Id}); "
                + "wait for its end");
        }
    }

    private static IEnumerable<Refusal> Chosen(GuardInput input)
    {
        foreach (var node in input.UnknownNodes)
        {
            yield return new Refusal($"there are no {input.Traits.Kind} on a node {node}");
        }

        if (input.Chosen.IsEmpty && input.UnknownNodes.IsEmpty)
        {
            yield return new Refusal($"there are no {input.Traits.Kind}");
        }
    }

    private static IEnumerable<Refusal> Signal(TargetTraits traits, Signal signal)
    {
        if (traits.RefusedUnder.Contains(signal.Name))
        {
            var culprit = signal.Reading.Culprit?.ToString() ?? "";
            yield return new Refusal(
                $"{signal.Name} on {signal.Subject}: {signal.Reading.Summary} "
                + $"What starts anew now would be worse off. {signal.Definition.Advice}")
            {
                Hop = signal.Reading.CausedBy.FirstOrDefault() ?? signal.Subject,
                Culprit = culprit,
            };
        }
    }
}
