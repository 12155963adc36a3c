using Mainstay.ConsoleSite.Overview;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Pages;

/// <summary>Signals as pages show them: their age as data, and their state as sign and word.</summary>
internal static class SignalAges
{
    public static Freshness Of(SignalReport? report, DateTimeOffset now)
    {
        var limit = Limits.ClusterFreshDisturbed;
        return new Freshness(
            report?.GeneratedAt, report is not null && now - report.GeneratedAt <= limit, limit.TotalSeconds, null);
    }

    public static State StateOf(Signal signal) => new(
        signal.Severity switch
        {
            Severity.Critical => Health.Bad,
            Severity.Warning => Health.Warning,
            _ => Health.Idle,
        },
        signal.Name);
}
