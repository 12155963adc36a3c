using System.Collections.Immutable;
using Mainstay.Kernel.Proofs;
using Mainstay.Kernel.Signals;

namespace Mainstay.Agent.Proof;

/// <summary>Something that a start would need and not have.</summary>
/// <param name="Pod">NAMESPACE/NAME; the node's own name for what concerns it all</param>
/// <param name="Reason">what is missing, by name</param>
/// <param name="RunsNow">whether the pod runs now, so that a restart would lose something</param>
internal sealed record Missing(string Pod, string Container, string Reason, bool RunsNow);

/// <summary>One way to start: cold, as after a boot; warm, beside the processes that run.</summary>
/// <param name="Pods">that were looked at</param>
/// <param name="Adopted">containers whose processes would be found again</param>
/// <param name="Startable">containers that would be started, and could be</param>
internal sealed record ProofRun(string Kind, int Pods, int Adopted, int Startable, ImmutableArray<Missing> Missing)
{
    public TimeSpan Took { get; init; }

    public ProofResult Result => Missing.Any(missing => missing.RunsNow) ? ProofResult.Unsafe : ProofResult.Safe;

    /// <summary>The first thing that a restart would lose; else the first that is missing anyway.</summary>
    public Missing? Worst => Missing.OrderByDescending(missing => missing.RunsNow).FirstOrDefault();
}

/// <summary>What is known of a restart of this agent.</summary>
/// <param name="At">when the throw-away instance ended; null: never</param>
/// <param name="Culprit">the pod at fault</param>
internal sealed record ProofReport(
    ProofResult Result, DateTimeOffset? At, string Reason, ObjectReference? Culprit, ImmutableArray<ProofRun> Runs)
{
    public static ProofReport None { get; } = new(ProofResult.Unproven, null, "no proof has been tried yet", null, []);

    public static ProofReport Of(ImmutableArray<ProofRun> runs, DateTimeOffset at)
    {
        var worst = runs.Where(run => run.Result == ProofResult.Unsafe).Select(run => (run.Kind, run.Worst))
            .FirstOrDefault();
        return worst.Worst is { } missing
            ? new ProofReport(ProofResult.Unsafe, at, $"{worst.Kind}: {InWords(missing)}", CulpritOf(missing), runs)
            : new ProofReport(ProofResult.Safe, at, "", null, runs);
    }

    public ProofHead Head => new(Result, At, Reason, Culprit);

    /// <summary>As it counts now: what is too old proves nothing.</summary>
    /// <param name="age">since it ended, by a clock that nobody sets</param>
    public ProofReport Aged(TimeSpan age) => At is not null && age > Limits.ProofGood
        && Result != ProofResult.Unproven
            ? this with
            {
                Result = ProofResult.Unproven,
                Reason = $"the last proof is {age.TotalMinutes:0} minutes old",
            }
            : this;

    public static string InWords(Missing missing) =>
        missing.Container.Length == 0 ? $"{missing.Pod}: {missing.Reason}"
            : $"{missing.Pod} container {missing.Container}: {missing.Reason}";

    public static ObjectReference? CulpritOf(Missing missing) => missing.Pod.Split('/') is [var space, var name]
        ? new ObjectReference("Pod", space, name) : null;
}
