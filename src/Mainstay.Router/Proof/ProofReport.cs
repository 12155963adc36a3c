using System.Collections.Immutable;
using Mainstay.Kernel.Proofs;
using Mainstay.Kernel.Signals;

namespace Mainstay.Router.Proof;

/// <summary>How a throw-away instance starts.</summary>
public enum ProofKind
{
    /// <summary>With nothing but its configuration, as on a new node.</summary>
    Cold,

    /// <summary>With the last table from the disk, read and never written.</summary>
    Warm,
}

/// <summary>One try against one API server, or from the snapshot alone. Frozen.</summary>
/// <param name="Kind">how it started</param>
/// <param name="Server">the API server's address; empty for the snapshot alone</param>
/// <param name="Result">safe or unsafe</param>
/// <param name="Reason">why not, in one line; for a safe one what is worth knowing, or empty</param>
public sealed record ProofRun(ProofKind Kind, string Server, ProofResult Result, string Reason)
{
    /// <summary>
    /// False when nothing came from there at all (refused, silent): another API server can then take its place. What
    /// answers wrongly is worse: a router would believe it.
    /// </summary>
    public bool Answered { get; init; } = true;

    /// <summary>The object at fault, where there is one.</summary>
    public ObjectReference? Culprit { get; init; }

    /// <summary>Services in the table that it built.</summary>
    public int Services { get; init; }

    /// <summary>The sequence of the heartbeat that it found; -1 for none.</summary>
    public long HeartbeatSequence { get; init; } = -1;

    public TimeSpan Took { get; init; }
}

/// <summary>What is known about restarting one part now. Frozen.</summary>
/// <param name="Result">of all runs together</param>
/// <param name="At">when they ended; null when there were none</param>
/// <param name="Reason">one line; empty when there is nothing to say</param>
public sealed record ProofReport(ProofResult Result, DateTimeOffset? At, string Reason)
{
    public static readonly ProofReport None = new(ProofResult.Unproven, null, "no proof has run yet");

    public ObjectReference? Culprit { get; init; }

    public ImmutableArray<ProofRun> Runs { get; init; } = [];

    /// <summary>
    /// All runs together. An API server that answers wrongly makes a restart unsafe, for a new router would believe it;
    /// one that does not answer only does so when no other can take its place.
    /// </summary>
    public static ProofReport Of(ImmutableArray<ProofRun> runs, DateTimeOffset at)
    {
        if (runs.IsEmpty)
        {
            return new ProofReport(ProofResult.Unproven, at, "no run came to an end");
        }

        var wrong = runs.FirstOrDefault(run => run is { Result: ProofResult.Unsafe, Answered: true });
        var alone = Enum.GetValues<ProofKind>()
            .Where(kind => runs.Any(run => run.Kind == kind) && OfKind(runs, kind) != ProofResult.Safe)
            .Select(kind => runs.First(run => run.Kind == kind && run.Result == ProofResult.Unsafe))
            .FirstOrDefault();
        if ((wrong ?? alone) is { } fault)
        {
            return new ProofReport(ProofResult.Unsafe, at, Reasoned(fault)) { Culprit = fault.Culprit, Runs = runs };
        }

        var notes = runs.Where(run => run.Reason.Length > 0).Select(Reasoned).Distinct();
        return new ProofReport(ProofResult.Safe, at, string.Join("; ", notes)) { Runs = runs };
    }

    internal ProofHead Head => new(Result, At, Reason, Culprit);

    /// <summary>The runs of one kind together; unproven when there are none.</summary>
    public ProofResult OfKind(ProofKind kind) => OfKind(Runs, kind);

    private static ProofResult OfKind(ImmutableArray<ProofRun> runs, ProofKind kind)
    {
        var those = runs.Where(run => run.Kind == kind).ToArray();
        return those.Length == 0 ? ProofResult.Unproven
            : those.Any(run => run is { Result: ProofResult.Unsafe, Answered: true }) ? ProofResult.Unsafe
            : those.Any(run => run.Result == ProofResult.Safe) ? ProofResult.Safe
            : ProofResult.Unsafe;
    }

    private static string Reasoned(ProofRun run) => run.Server.Length == 0
        ? $"{ProofRunJson.Word(run.Kind)} start: {run.Reason}"
        : $"{ProofRunJson.Word(run.Kind)} start from {run.Server}: {run.Reason}";
}
