using System.Collections.Immutable;
using System.Globalization;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>Gathers what a plan rests on, all of it fresh, and lets <see cref="Guard"/> decide.</summary>
public sealed class ActionPlanner(ActionLedger ledger, IActionWorld world, TimeProvider time, Random random)
{
    /// <summary>An override leaves this much of the bake time: long enough to see one failure.</summary>
    public const double OverrideBakeShare = 0.2;

    /// <summary>Proofs asked for at the same time; they share a budget of lists across the fleet.</summary>
    private const int ProofsAtOnceMax = 8;

    public async Task<ActionPlan> PlanAsync(
        IActionTarget target, ActionRequest request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        ledger.HaltAbandoned(now);
        var all = await target.UnitsAsync(cancellationToken);
        var chosen = request.Nodes.IsEmpty ? all : [.. all.Where(unit => request.Nodes.Contains(unit.Node))];
        var view = await world.LookAsync(cancellationToken);
        var input = new GuardInput(
            target.Traits,
            [.. chosen.Select(unit => unit with { TrafficShare = unit.TrafficShare ?? view.ShareOf(unit.Subject) })],
            await ProveAsync(target, chosen, cancellationToken),
            await target.NeedsAsync(chosen, cancellationToken),
            view)
        {
            Running = ledger.Running(),
            UnknownNodes = [.. request.Nodes.Where(node => all.All(unit => unit.Node != node))],
        };
        return new ActionPlan
        {
            Id = NextId(now),
            Request = request,
            Traits = target.Traits,
            At = now,
            Waves = Waves.Of(input.Chosen, all.Length),
            Needs = input.Needs,
            Proofs = input.Proofs,
            Refusals = Guard.Refusals(input),
            Notes = Guard.Notes(input),
            Bake = request.OverrideReason.Length > 0 ? target.Traits.Bake * OverrideBakeShare : target.Traits.Bake,
        };
    }

    /// <summary>Proofs of several units, side by side, within a bound.</summary>
    internal static async Task<ImmutableSortedDictionary<string, UnitProof>> ProveAsync(
        IActionTarget target, ImmutableArray<ActionUnit> units, CancellationToken cancellationToken)
    {
        var proofs = ImmutableSortedDictionary.CreateBuilder<string, UnitProof>(StringComparer.Ordinal);
        foreach (var some in units.Chunk(ProofsAtOnceMax))
        {
            var found = await Task.WhenAll(some.Select(unit => target.ProveAsync(unit, cancellationToken)));
            foreach (var (unit, proof) in some.Zip(found))
            {
                proofs[unit.Subject] = proof;
            }
        }

        return proofs.ToImmutable();
    }

    private string NextId(DateTimeOffset now) =>
        $"{now.UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}-{random.Next(0x10000):x4}";
}
