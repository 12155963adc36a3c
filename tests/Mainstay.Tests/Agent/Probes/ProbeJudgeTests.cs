using k8s.Models;
using Mainstay.Agent.Probes;

namespace Mainstay.Tests.Agent.Probes;

public sealed class ProbeJudgeTests
{
    [Fact]
    public void Three_failures_in_a_row_fail_and_one_success_passes()
    {
        var judge = new ProbeJudge(ProbeSchedule.Of(new V1Probe()));

        bool?[] verdicts = [.. new[] { true, false, false, true, false, false, false }.Select(judge.Take)];

        Assert.Equal([true, null, null, true, null, null, false], verdicts);
    }

    [Fact]
    public void A_success_threshold_asks_for_successes_in_a_row()
    {
        var judge = new ProbeJudge(ProbeSchedule.Of(new V1Probe { SuccessThreshold = 2, FailureThreshold = 1 }));

        bool?[] verdicts = [.. new[] { true, false, true, true }.Select(judge.Take)];

        Assert.Equal([null, false, null, true], verdicts);
    }

    [Fact]
    public void Absent_fields_mean_what_Kubernetes_says_they_mean()
    {
        var second = TimeSpan.FromSeconds(1);

        Assert.Equal(new ProbeSchedule(0 * second, 10 * second, second, 1, 3), ProbeSchedule.Of(new V1Probe()));
    }
}
