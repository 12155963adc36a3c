using k8s.Models;
using Mainstay.Agent.Api;
using Mainstay.Agent.Pods;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Agent.Pods;

public sealed class RoutedGateTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 10, 0, 0, TimeSpan.Zero));
    private readonly RoutedGate _gate;

    public RoutedGateTests() => _gate = new RoutedGate(_time);

    [Fact]
    public void A_gate_that_nobody_writes_for_ten_minutes_is_overdue()
    {
        _gate.Look(Pod(null), containersReady: true);
        _time.Advance(TimeSpan.FromMinutes(9));
        _gate.Look(Pod(null), containersReady: true);
        Assert.False(_gate.IsOverdue);
        Assert.Equal(TimeSpan.FromMinutes(1), _gate.Remaining);

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(_gate.IsOverdue);
    }

    [Fact]
    public void A_gate_that_somebody_holds_and_says_so_each_minute_is_never_overdue()
    {
        for (var minute = 0; minute < 60; minute++)
        {
            _gate.Look(Pod("False", "RoutersLag", _time.GetUtcNow()), containersReady: true);
            _time.Advance(TimeSpan.FromMinutes(1));
            Assert.False(_gate.IsOverdue);
        }

        // Then whoever held it dies.
        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.True(_gate.IsOverdue);
    }

    [Theory]
    [InlineData(true, "True")]
    [InlineData(false, null)]
    public void An_open_gate_and_a_pod_that_is_not_ready_wait_for_nobody(bool ready, string? status)
    {
        _gate.Look(Pod(status), ready);
        _time.Advance(TimeSpan.FromHours(1));

        Assert.False(_gate.IsOverdue);
        Assert.Null(_gate.Remaining);
    }

    [Fact]
    public void A_pod_without_the_gate_waits_for_nobody()
    {
        var pod = Pod(null);
        pod.Spec.ReadinessGates = [new V1PodReadinessGate { ConditionType = "example.org/other" }];
        _gate.Look(pod, containersReady: true);
        _time.Advance(TimeSpan.FromHours(1));

        Assert.False(_gate.IsOverdue);
    }

    [Fact]
    public void What_the_node_opened_itself_is_said_to_the_api_server_until_that_says_true_too()
    {
        var status = new V1PodStatus
        {
            Conditions =
            [
                new V1PodCondition { Type = "Ready", Status = "True" }, RoutedGate.UnprovenSince(_time.GetUtcNow()),
            ],
        };
        var held = Pod("False", "RoutersLag").Status;
        var proven = Pod("True", "Routed").Status;

        Assert.Contains("Unproven", StatusPatch.Build("u", status, held).ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "Unproven", StatusPatch.Build("u", status, proven).ToJsonString(), StringComparison.Ordinal);
    }

    private static V1Pod Pod(string? status, string reason = "", DateTimeOffset? at = null) => new()
    {
        Metadata = new V1ObjectMeta { Name = "p", Uid = "u" },
        Spec = new V1PodSpec
        {
            ReadinessGates = [new V1PodReadinessGate { ConditionType = RoutedGate.ConditionType }],
            Containers = [],
        },
        Status = new V1PodStatus
        {
            Conditions = status is null ? null :
            [
                new V1PodCondition
                {
                    Type = RoutedGate.ConditionType,
                    Status = status,
                    Reason = reason,
                    LastProbeTime = at?.UtcDateTime,
                },
            ],
        },
    };
}
