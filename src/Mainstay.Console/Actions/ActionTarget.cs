using System.Collections.Immutable;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>What is the same for all units of a kind.</summary>
public sealed record TargetTraits
{
    /// <summary>As on the command line: <c>routers</c>, <c>api</c>, <c>agents</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What happens to a unit and what does not, in one sentence.</summary>
    public required string Effect { get; init; }

    /// <summary>A unit that is not well again within this time halts the action.</summary>
    public required TimeSpan UnitDeadline { get; init; }

    /// <summary>The time that each wave is watched before the next.</summary>
    public required TimeSpan Bake { get; init; }

    /// <summary>
    /// What was done lasts, as a switch does: where the platform gets worse by it, it is taken back. Otherwise what was
    /// done stays, and only what did not come back is taken back.
    /// </summary>
    public bool IsTakenBackWhenWorse { get; init; }

    /// <summary>Names of signals under which the action would make it worse.</summary>
    public ImmutableArray<string> RefusedUnder { get; init; } = [];

    /// <summary>Names of signals that the action is no cure for, with the words to say about it.</summary>
    public ImmutableDictionary<string, string> NoCureFor { get; init; } = ImmutableDictionary<string, string>.Empty;
}

/// <summary>
/// A kind of units and what is done to one of them. The command line has the ones that touch processes; the engine
/// knows none of them. An implementation bounds each of its calls by a deadline of its own.
/// </summary>
public interface IActionTarget
{
    TargetTraits Traits { get; }

    /// <summary>All units that there are, whether or not they answer.</summary>
    /// <exception cref="ActionException">it cannot be said which there are</exception>
    Task<ImmutableArray<ActionUnit>> UnitsAsync(CancellationToken cancellationToken);

    /// <summary>What a replacement of these units needs, as it is now.</summary>
    Task<ImmutableArray<Need>> NeedsAsync(ImmutableArray<ActionUnit> units, CancellationToken cancellationToken);

    /// <summary>Proves afresh that the unit could start now. What cannot be asked is unproven.</summary>
    Task<UnitProof> ProveAsync(ActionUnit unit, CancellationToken cancellationToken);

    /// <summary>How the unit is now. What cannot be asked is not well.</summary>
    Task<UnitState> LookAsync(ActionUnit unit, CancellationToken cancellationToken);

    /// <summary>Does it to one unit; returns when it is under way, or done.</summary>
    /// <exception cref="ActionException">it cannot be done</exception>
    Task ActAsync(ActionUnit unit, IActionTeller tell, CancellationToken cancellationToken);

    /// <summary>Takes back what <see cref="ActAsync"/> did to a unit that did not come back.</summary>
    /// <returns>what was taken back, in words; empty where nothing can be</returns>
    Task<string> TakeBackAsync(ActionUnit unit, CancellationToken cancellationToken);
}

/// <summary>Hears of each step; the ledger and whoever watches.</summary>
public interface IActionTeller
{
    void Tell(string unit, string what, string detail);
}

/// <summary>What goes on in the whole platform while an action runs.</summary>
public interface IActionWorld
{
    /// <summary>Never throws for the world: what does not answer is named in the view.</summary>
    Task<WorldView> LookAsync(CancellationToken cancellationToken);
}

/// <summary>A step of an action cannot be done, for a reason that a person can understand.</summary>
public sealed class ActionException(string message) : Exception(message);
