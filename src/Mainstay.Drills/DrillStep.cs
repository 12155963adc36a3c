using Mainstay.Drills.Timeline;

namespace Mainstay.Drills;

/// <summary>One step of a drill, before it is taken.</summary>
/// <param name="Id">names it for the verdict</param>
/// <param name="At">the time in the story</param>
/// <param name="Gap">pause after the step before it</param>
internal sealed record DrillStep(string Id, string At, StepKind Kind, string Title, TimeSpan Gap)
{
    /// <summary>Does it and says in one sentence what came of it.</summary>
    public required Func<CancellationToken, Task<string>> ActAsync { get; init; }

    /// <summary>
    /// A fault that must have been on for as long as the platform may take to name it, before this step is taken: a
    /// drill that mends too early would measure nothing.
    /// </summary>
    public string? AfterNaming { get; init; }
}
