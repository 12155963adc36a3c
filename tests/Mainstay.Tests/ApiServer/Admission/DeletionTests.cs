using System.Text.Json.Nodes;
using Mainstay.ApiServer.Admission;
using Mainstay.ApiServer.Schema;

namespace Mainstay.Tests.ApiServer.Admission;

public sealed class DeletionTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const string RunningPod =
        """
        {"metadata":{"name":"p"},"spec":{"nodeName":"n1","terminationGracePeriodSeconds":20},
         "status":{"phase":"Running"}}
        """;

    [Theory]
    [InlineData("configmaps", """{"metadata":{"name":"c"}}""", "Remove")]
    [InlineData("configmaps", """{"metadata":{"name":"c","finalizers":["x/y"]}}""", "Mark")]
    [InlineData("pods", """{"metadata":{"name":"p"},"spec":{}}""", "Remove")]
    [InlineData("pods", RunningPod, "Mark")]
    [InlineData("pods", """{"metadata":{"name":"p"},"spec":{"nodeName":"n1"},"status":{"phase":"Failed"}}""", "Remove")]
    [InlineData("namespaces", """{"metadata":{"name":"n"},"spec":{"finalizers":["kubernetes"]}}""", "Mark")]
    [InlineData("namespaces", """{"metadata":{"name":"n"},"spec":{}}""", "Remove")]
    public void What_a_delete_does_depends_on_who_still_holds_the_object(string plural, string json, string step)
    {
        Assert.Equal(step, Plan(plural, Fakes.Tree(json), new DeleteOptions()).ToString());
    }

    [Fact]
    public void A_running_pod_is_marked_with_the_end_of_its_grace()
    {
        var pod = Fakes.Tree(RunningPod);

        Plan("pods", pod, new DeleteOptions());

        Assert.Equal("2026-01-01T00:00:20Z", pod.TextIn("metadata", "deletionTimestamp"));
        Assert.Equal(20, pod["metadata"].NumberAt("deletionGracePeriodSeconds"));
    }

    [Fact]
    public void A_second_delete_shortens_the_grace_and_never_lengthens_it()
    {
        var pod = Fakes.Tree(RunningPod);
        Plan("pods", pod, new DeleteOptions { GracePeriodSeconds = 10 });

        Assert.Equal(DeletionStep.Nothing, Plan("pods", pod, new DeleteOptions { GracePeriodSeconds = 60 }));
        Assert.Equal(DeletionStep.Mark, Plan("pods", pod, new DeleteOptions { GracePeriodSeconds = 5 }));
        Assert.Equal(5, pod["metadata"].NumberAt("deletionGracePeriodSeconds"));
        Assert.Equal(DeletionStep.Remove, Plan("pods", pod, new DeleteOptions { GracePeriodSeconds = 0 }));
    }

    [Theory]
    [InlineData("Foreground", "foregroundDeletion")]
    [InlineData("Orphan", "orphan")]
    public void Dependents_are_the_garbage_collectors_by_a_finalizer(string propagation, string finalizer)
    {
        var owner = Fakes.Tree("""{"metadata":{"name":"d","generation":3}}""");

        Assert.Equal(
            DeletionStep.Mark, Plan("configmaps", owner, new DeleteOptions { Propagation = propagation }));
        Assert.Equal([finalizer], owner["metadata"].TextsAt("finalizers"));
        Assert.Equal(4, owner["metadata"].NumberAt("generation"));
    }

    [Fact]
    public void Background_takes_an_earlier_wish_back()
    {
        var owner = Fakes.Tree("""{"metadata":{"name":"d","finalizers":["orphan"]}}""");

        Assert.Equal(
            DeletionStep.Remove, Plan("configmaps", owner, new DeleteOptions { Propagation = "Background" }));
    }

    [Fact]
    public void A_marked_object_is_finished_when_nothing_holds_it()
    {
        var type = Fakes.Type("", "configmaps");
        const string marked = """{"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":[FINALIZERS]}}""";

        Assert.True(Deletion.IsFinished(type, Fakes.Tree(marked.Replace("FINALIZERS", "", StringComparison.Ordinal))));
        Assert.False(Deletion.IsFinished(
            type, Fakes.Tree(marked.Replace("FINALIZERS", "\"a/b\"", StringComparison.Ordinal))));
    }

    private static DeletionStep Plan(string plural, JsonObject tree, DeleteOptions options) =>
        Deletion.Plan(Fakes.Type("", plural), tree, options, Now);
}
