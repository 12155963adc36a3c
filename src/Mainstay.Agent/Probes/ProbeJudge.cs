using k8s.Models;

namespace Mainstay.Agent.Probes;

/// <summary>When a probe counts: how often, how long, how many in a row.</summary>
internal sealed record ProbeSchedule(
    TimeSpan InitialDelay, TimeSpan Period, TimeSpan Timeout, int SuccessThreshold, int FailureThreshold)
{
    public static ProbeSchedule Of(V1Probe probe) => new(
        TimeSpan.FromSeconds(probe.InitialDelaySeconds ?? 0),
        TimeSpan.FromSeconds(AtLeastOne(probe.PeriodSeconds, 10)),
        TimeSpan.FromSeconds(AtLeastOne(probe.TimeoutSeconds, 1)),
        AtLeastOne(probe.SuccessThreshold, 1),
        AtLeastOne(probe.FailureThreshold, 3));

    private static int AtLeastOne(int? value, int otherwise) => value is > 0 ? value.Value : otherwise;
}

/// <summary>
/// Counts results in a row. With 1 success and 3 failures: ok -> passed; fail, fail -> nothing new; fail -> failed;
/// ok -> passed.
/// </summary>
internal sealed class ProbeJudge(ProbeSchedule schedule)
{
    private int _successes;
    private int _failures;

    /// <returns>true or false once enough results in a row say so, each time anew; null until then</returns>
    public bool? Take(bool succeeded)
    {
        _successes = succeeded ? _successes + 1 : 0;
        _failures = succeeded ? 0 : _failures + 1;
        return _successes >= schedule.SuccessThreshold ? true
            : _failures >= schedule.FailureThreshold ? false
            : null;
    }
}
