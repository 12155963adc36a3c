using System.Collections.Immutable;

namespace Mainstay.Drills.Timeline;

/// <summary>What a step of a drill is.</summary>
internal enum StepKind
{
    /// <summary>What people do: a deploy, a rollback, a restart.</summary>
    Action,

    /// <summary>What breaks.</summary>
    Fault,

    /// <summary>What mends.</summary>
    Recovery,

    /// <summary>What is only looked at.</summary>
    Look,
}

/// <summary>One step, as it went.</summary>
/// <param name="Id">names it for the verdict</param>
/// <param name="At">the time in the story, <c>14:10</c></param>
/// <param name="Begins">seconds since the drill began</param>
/// <param name="Ends">when its last word was said</param>
/// <param name="Outcome">what came of it</param>
internal sealed record StepRecord(
    string Id, string At, StepKind Kind, string Title, double Begins, double Ends, string Outcome);

/// <summary>A fault, and which signal names its root.</summary>
/// <param name="Begins">seconds since the drill began</param>
/// <param name="Ends">when it was lifted</param>
/// <param name="Roots">signals any of which is right</param>
/// <param name="Words">words one of which must be said of it: the hop or the object; empty: none must</param>
internal sealed record FaultRecord(
    string Id, string Title, double Begins, double Ends, ImmutableArray<string> Roots, ImmutableArray<string> Words)
{
    /// <summary>Named by something else than a signal: a check that was asked for.</summary>
    public FaultNaming? ByCheck { get; init; }

    /// <summary>Who first named the root right while the fault was known; null where nobody did.</summary>
    public FaultNaming? NamedBy(ImmutableArray<SignalSpell> spells)
    {
        var right = from spell in spells
                    where spell.Ends >= Begins && Roots.Contains(spell.Name)
                    let since = spell.RootSinceOf(Begins, IsSaidOf)
                    where since is not null
                    orderby since
                    select new FaultNaming(spell.Name, spell.Subject, spell.Signal.Advice, since.Value);
        return right.Concat(ByCheck is { } check ? [check] : []).MinBy(naming => naming.Second);
    }

    private bool IsSaidOf(string about) =>
        Words.IsEmpty || Words.Any(word => about.Contains(word, StringComparison.Ordinal));
}

/// <summary>That the root of a fault was named.</summary>
/// <param name="By">a signal, or a command</param>
/// <param name="Second">seconds since the drill began</param>
internal sealed record FaultNaming(string By, string Subject, string Advice, double Second);

/// <summary>What the ledger says of the money at the end.</summary>
/// <param name="Accepted">payments that customers were told are done</param>
/// <param name="Booked">of these, in the ledger</param>
/// <param name="Reason">why it could not be asked; empty when it could</param>
internal sealed record MoneyRecord(long Accepted, long Booked, long Lost, long Doubled, long Altered, string Reason)
{
    /// <summary>A ledger that was held to no payment at all shows nothing.</summary>
    public bool IsSound => Reason.Length == 0 && Accepted > 0 && Lost + Doubled + Altered == 0;
}

/// <summary>One thing that a verdict rests on.</summary>
/// <param name="Title">what must hold</param>
/// <param name="Measured">what was measured</param>
internal sealed record Check(string Title, bool Holds, string Measured);

/// <summary>One run of a drill, from which report, journal and verdict are made.</summary>
internal sealed record DrillRecord
{
    public required string Name { get; init; }

    public required string Title { get; init; }

    public required string Description { get; init; }

    /// <summary>The stage in one sentence: nodes, members, rate.</summary>
    public required string Stage { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Seconds from the first sample to the last.</summary>
    public required double Seconds { get; init; }

    /// <summary>Protections that were switched off.</summary>
    public required ImmutableArray<string> Without { get; init; }

    public required bool IsShort { get; init; }

    public required ImmutableArray<StepRecord> Steps { get; init; }

    public required ImmutableArray<FaultRecord> Faults { get; init; }

    public required ImmutableArray<JourneySample> Samples { get; init; }

    /// <summary>What was counted of each journey during the drill.</summary>
    public required ImmutableArray<JourneyTotals> Totals { get; init; }

    public required ImmutableArray<SignalSpell> Signals { get; init; }

    public required MoneyRecord Money { get; init; }

    /// <summary>What the guarded restart answered, each time that it was asked for.</summary>
    public ImmutableArray<RefusalRecord> Refusals { get; init; } = [];

    /// <summary>Steps whose awaited end did not come in its time.</summary>
    public ImmutableArray<string> InVain { get; init; } = [];

    /// <summary>How often the load generator's counters began anew: what it had promised before is not known.</summary>
    public int CountedAnew { get; init; }

    /// <summary>What each router said of its own table, each time that it was looked at.</summary>
    public ImmutableArray<TableRecord> Tables { get; init; } = [];

    public StepRecord? Step(string id) => Steps.FirstOrDefault(step => step.Id == id);
}

/// <summary>What a guarded action answered.</summary>
/// <param name="Refused">it was not begun</param>
/// <param name="Hop">the hop that it names; empty where it names none</param>
/// <param name="Object">the object that it names; empty where it names none</param>
/// <param name="Text">its words</param>
internal sealed record RefusalRecord(bool Refused, string Hop, string Object, string Text)
{
    /// <summary>The step at which it was asked for.</summary>
    public string Step { get; init; } = "";
}

/// <summary>What a router says of its own table.</summary>
/// <param name="Step">the step at which it was asked</param>
/// <param name="Router">its admin address</param>
/// <param name="State"><c>live</c>, <c>snapshot</c> or <c>connecting</c>; empty where it does not answer</param>
internal sealed record TableRecord(string Step, string Router, string State);
