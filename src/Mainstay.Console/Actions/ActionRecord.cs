using System.Collections.Immutable;
using Mainstay.ConsoleSite.Changes;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>How far an action got.</summary>
public enum ActionState
{
    /// <summary>Its plan was made and would go; nothing was done yet.</summary>
    Planned,

    /// <summary>It was not begun; the reason says why.</summary>
    Refused,

    /// <summary>Units are being acted on.</summary>
    Running,

    /// <summary>It ended before its end: by itself, by hand, or because its process died.</summary>
    Halted,

    /// <summary>Every unit was done and judged well.</summary>
    Done,
}

/// <summary>Something that was done or seen on the way of an action.</summary>
/// <param name="At">when</param>
/// <param name="Unit">the unit it is about, such as <c>router/node-1</c>; empty for the action as a whole</param>
/// <param name="What">prove, wave, restart, ready, bake, halt, ...</param>
/// <param name="Detail">a sentence for a person</param>
public sealed record ActionStep(DateTimeOffset At, string Unit, string What, string Detail);

/// <summary>One guarded action as the ledger keeps it: refused ones too.</summary>
public sealed record ActionRecord
{
    /// <summary>Unique, and in the order of time: <c>20171027-141000-3f2a</c>.</summary>
    public required string Id { get; init; }

    /// <summary>
    /// What was asked for, as on the command line: <c>restart</c>, <c>nodes restart</c>, <c>fallback on</c>.
    /// </summary>
    public required string Verb { get; init; }

    /// <summary>On what: <c>routers</c>, <c>node-1</c>, <c>bank/payments</c>.</summary>
    public required string Target { get; init; }

    /// <summary>The user who asked.</summary>
    public required string Actor { get; init; }

    public required DateTimeOffset PlannedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public ActionState State { get; init; } = ActionState.Planned;

    /// <summary>The plan as JSON, as <c>--plan -o json</c> prints it.</summary>
    public string PlanJson { get; init; } = "{}";

    /// <summary>One sentence: what came of it.</summary>
    public string Outcome { get; init; } = "";

    /// <summary>Why it was refused or halted, or the reason given for an override.</summary>
    public string Reason { get; init; } = "";

    /// <summary>In the order in which they happened.</summary>
    public ImmutableArray<ActionStep> Steps { get; init; } = [];

    /// <summary>The word of the state in JSON and tables.</summary>
    public string StateWord => Word(State);

    /// <summary>The line of the change ledger that tells of it; the same word twice is one line.</summary>
    /// <param name="what">started, or a word of its state</param>
    internal Change ToChange(string what, DateTimeOffset at)
    {
        var reason = Reason.Length > 0 ? $": {Reason}" : "";
        return new Change
        {
            At = at,
            Source = "action",
            Kind = "Action",
            Name = Target,
            What = ChangeWords.Action,
            Detail = $"{Verb} {Target} {what}{reason}",
            Actor = Actor,
            Key = $"action/{Id}/{what}",
        };
    }

    internal static string Word(ActionState state) => state switch
    {
        ActionState.Planned => "planned",
        ActionState.Refused => "refused",
        ActionState.Running => "running",
        ActionState.Halted => "halted",
        _ => "done",
    };

    internal static ActionState StateOf(string word) => word switch
    {
        "planned" => ActionState.Planned,
        "refused" => ActionState.Refused,
        "running" => ActionState.Running,
        "halted" => ActionState.Halted,
        _ => ActionState.Done,
    };
}
