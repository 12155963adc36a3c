using System.Collections.Immutable;
using Mainstay.Drills.Timeline;
using Mainstay.Drills.Verdicts;

namespace Mainstay.Drills.Reports;

/// <summary>A stretch of the drill between two steps that the story turns on.</summary>
internal sealed record Phase(string Title, double Begins, double Ends)
{
    /// <summary>The steps at which a new phase begins, and what it is called.</summary>
    private static readonly (string Step, string Title)[] Turns =
    [
        ("deploy", "deploy and rollback"),
        ("restart", "fleet restart"),
        ("api-restart", "API servers restarted"),
        ("deletion", "empty Service deleted"),
        ("emptied", "endpoints deleted"),
        ("dependency-away", "a dependency away"),
        ("dependency-back", "back"),
    ];

    public static ImmutableArray<Phase> Of(DrillRecord record)
    {
        var phases = ImmutableArray.CreateBuilder<Phase>();
        var (title, begins) = ("before", 0.0);
        foreach (var (id, next) in Turns)
        {
            if (record.Step(id) is { } step)
            {
                phases.Add(new Phase(title, begins, step.Begins));
                (title, begins) = (next, step.Begins);
            }
        }

        phases.Add(new Phase(title, begins, record.Seconds));
        return phases.ToImmutable();
    }

    public double? Success(DrillRecord record, string journey) =>
        Window.Of(record.Samples, name => name == journey, Begins, Ends).Success;
}
