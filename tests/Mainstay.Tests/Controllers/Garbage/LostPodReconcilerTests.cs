using Mainstay.Controllers.Core;
using Mainstay.Controllers.Garbage;
using Mainstay.Kube;

namespace Mainstay.Tests.Controllers.Garbage;

public class LostPodReconcilerTests
{
    private static readonly ObjectKey Node = new("", "node-1");

    [Fact]
    public void Pods_of_a_node_that_is_gone_for_a_minute_go_after_a_last_question()
    {
        var reconciler = new LostPodReconciler(Given.Cluster(Given.Pod("p", "set")));
        Assert.Equal(TimeSpan.FromSeconds(60), reconciler.Reconcile(Node, Given.Now).Again);
        Assert.Empty(reconciler.Reconcile(Node, Given.Now.AddSeconds(59)).Writes);
        var writes = reconciler.Reconcile(Node, Given.Now.AddSeconds(60)).Writes;
        Assert.IsType<ConfirmGone>(writes[0]);
        Assert.Equal(0, Assert.IsType<DeleteObject>(writes[1]).GraceSeconds);
    }

    [Fact]
    public void A_node_that_comes_back_starts_the_minute_anew()
    {
        var caches = Given.Cluster(Given.Pod("p", "set"));
        var reconciler = new LostPodReconciler(caches);
        reconciler.Reconcile(Node, Given.Now);
        Given.Add(caches, Given.Node("node-1"));
        Assert.Empty(reconciler.Reconcile(Node, Given.Now.AddSeconds(90)).Writes);
        Given.Remove(caches, "Node", "node-1");
        Assert.Empty(reconciler.Reconcile(Node, Given.Now.AddSeconds(91)).Writes);
    }
}
