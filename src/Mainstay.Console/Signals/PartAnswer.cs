using Mainstay.Kernel.Signals;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Signals;

/// <summary>How a part answered when it was asked for its signals.</summary>
public enum AnswerKind
{
    /// <summary>It said how it is.</summary>
    Answered,

    /// <summary>It is alive and says that it is not ready.</summary>
    NotReady,

    /// <summary>Nobody listens there: the process is gone.</summary>
    Refused,

    /// <summary>The deadline passed: it hangs, or the way there does.</summary>
    Mute,

    /// <summary>What came is no such report: another program, or a broken one.</summary>
    Garbled,

    /// <summary>It is alive and does not let us see.</summary>
    Denied,
}

/// <summary>What came of asking one part once.</summary>
/// <param name="Part">who was asked</param>
/// <param name="Kind">how it went</param>
/// <param name="Report">what it said; null when nothing</param>
/// <param name="Detail">why it did not answer, in words; empty when it did</param>
public sealed record PartAnswer(PlatformPart Part, AnswerKind Kind, SignalsReport? Report, string Detail)
{
    /// <summary>It lives, whatever it said.</summary>
    public bool IsAlive => Kind is AnswerKind.Answered or AnswerKind.NotReady or AnswerKind.Denied;
}

/// <summary>Asks a part how it is. Never throws for the world: that is an answer, too.</summary>
public interface IPartSource
{
    /// <param name="part">who</param>
    /// <param name="credentials">for an API server; null asks without</param>
    /// <param name="cancellationToken">ends the asking</param>
    Task<PartAnswer> AskAsync(PlatformPart part, Kubeconfig? credentials, CancellationToken cancellationToken);
}
