using System.Collections.Immutable;
using Mainstay.Kernel.Signals;

namespace Mainstay.Drills.Timeline;

/// <summary>
/// Whether a platform is at rest, so that what fails from now on is the drill's doing. What was not looked at lately is
/// not at rest: silence is no health.
/// </summary>
/// <param name="Samples">the customers, second by second</param>
/// <param name="Signals">what was shown</param>
/// <param name="SignalsSeen">the second of the last look at the signals; null: there was none</param>
/// <param name="Now">seconds since the drill began</param>
internal sealed record Rest(
    ImmutableArray<JourneySample> Samples, ImmutableArray<SignalSpell> Signals, double? SignalsSeen, double Now)
{
    /// <summary>Seconds without a failure: two of them are a pause, not an end.</summary>
    private const double Quiet = 5;

    /// <summary>Seconds after which a look is old; they are made one a second.</summary>
    private const double Lately = 2;

    /// <summary>
    /// Every journey was answered, none failed in the last seconds, and nobody is on the way back from a fallback: what
    /// the fallback does not take would fail.
    /// </summary>
    public bool IsSteady =>
        Journey.All.All(journey => Samples.Any(sample => sample.Journey == journey.Name && sample.Answered > 0))
        && Samples.Any(sample => sample.Second <= Now - Quiet)
        && Samples.Any(sample => sample.Second > Now - Lately)
        && !Samples.Any(sample => sample.Failed > 0 && sample.Second > Now - Quiet)
        && IsWithout(spell => spell.Name == SignalCatalog.FallbackActive.Name);

    /// <summary>No critical signal is on either.</summary>
    public bool IsCalm => IsSteady && IsWithout(spell => spell.Signal.Severity == "critical");

    private bool IsWithout(Func<SignalSpell, bool> signal) =>
        SignalsSeen > Now - Lately && !Signals.Any(spell => signal(spell) && spell.Ends > Now - Lately);
}
