using k8s.Models;
using Mainstay.Agent.Api;

namespace Mainstay.Tests.Agent.Api;

public sealed class StatusPatchTests
{
    [Fact]
    public void Reasons_that_are_gone_are_cleared_and_conditions_of_others_are_not_named()
    {
        var known = new V1PodStatus
        {
            Phase = "Running",
            Reason = "Old",
            Conditions =
            [
                new V1PodCondition { Type = "Ready", Status = "False", Reason = "ContainersNotReady", Message = "m" },
                new V1PodCondition { Type = "mainstay.dev/routed", Status = "True" },
            ],
        };
        var status = new V1PodStatus
        {
            Phase = "Running",
            Conditions =
            [
                new V1PodCondition { Type = "Ready", Status = "True" },
                new V1PodCondition { Type = "mainstay.dev/routed", Status = "True" },
            ],
        };

        var patch = StatusPatch.Build("u-1", status, known);

        Assert.Equal("u-1", (string?)patch["metadata"]?["uid"]);
        var body = Assert.IsType<System.Text.Json.Nodes.JsonObject>(patch["status"]);
        Assert.True(body.ContainsKey("reason"));
        Assert.Null(body["reason"]);
        Assert.False(body.ContainsKey("message"));
        var condition = Assert.Single(body["conditions"]?.AsArray() ?? []);
        Assert.Equal(
            """{"status":"True","type":"Ready","reason":null,"message":null}""", condition?.ToJsonString());
    }

    [Fact]
    public void A_pod_that_somebody_else_declared_unready_is_contradicted()
    {
        V1PodStatus Of(string ready) => new()
        {
            Phase = "Running",
            Conditions = [new V1PodCondition { Type = "Ready", Status = ready }],
        };

        Assert.True(StatusPatch.IsContradicted(Of("True"), Of("False")));
        Assert.False(StatusPatch.IsContradicted(Of("True"), Of("True")));
        Assert.True(StatusPatch.IsContradicted(Of("True"), null));
    }
}
