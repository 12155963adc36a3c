using Mainstay.Controllers.Core;
using Mainstay.Controllers.Garbage;
using Mainstay.Kube;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Controllers.Garbage;

public class GarbageReconcilerTests
{
    private readonly ClusterCaches _caches = new();
    private readonly WorkQueue _queue = new(new FakeTimeProvider(), new Random(1));
    private readonly GarbageReconciler _reconciler = new();

    public GarbageReconcilerTests() => _reconciler.Wire(_caches, _queue);

    [Fact]
    public void What_its_only_owner_left_behind_is_deleted_after_the_owner_was_confirmed_gone()
    {
        Given.Add(_caches, Set(""), Given.Pod("p", "set"));
        Assert.Empty(Settle());
        Given.Remove(_caches, "ReplicaSet", "set");
        var writes = Settle();
        var confirm = Assert.IsType<ConfirmGone>(writes[0]);
        Assert.Equal((Kinds.ReplicaSet, new ObjectKey("n", "set"), "set"), (confirm.Kind, confirm.Key, confirm.Uid));
        Assert.Equal("p", Assert.IsType<DeleteObject>(writes[1]).Key.Name);
    }

    [Fact]
    public void An_owner_of_the_same_name_but_another_uid_is_no_owner()
    {
        Given.Add(_caches, Set("").Replace("name: set", "name: set, uid: later"), Given.Pod("p", "set"));
        Assert.Single(Settle().OfType<DeleteObject>());
    }

    [Fact]
    public void What_still_has_an_owner_only_forgets_the_one_that_is_gone()
    {
        Given.Add(_caches, Set(""), Given.Pod("p", "set").Replace("controller: true}]",
            "controller: true}, {apiVersion: v1, kind: ConfigMap, name: c, uid: c}]"));
        var patch = Assert.Single(Settle().OfType<PatchObject>());
        Assert.Equal("set", Assert.Single(patch.Patch["metadata"]!["ownerReferences"]!.AsArray())!["name"]!.ToString());
    }

    [Fact]
    public void An_owner_of_an_unknown_kind_counts_as_there()
    {
        Given.Add(_caches, Given.Pod("p", "set").Replace("kind: ReplicaSet", "kind: Rollout"));
        Assert.Empty(Settle());
    }

    [Fact]
    public void Foreground_deletes_what_blocks_and_then_lets_the_owner_go()
    {
        Given.Add(_caches, Set(", deletionTimestamp: \"2026-06-01T11:59:00Z\", finalizers: [foregroundDeletion, mine]"),
            Given.Pod("p", "set").Replace("controller: true", "controller: true, blockOwnerDeletion: true"));
        Assert.Equal("p", Assert.Single(Settle().OfType<DeleteObject>()).Key.Name);
        Given.Remove(_caches, "Pod", "p");
        var patch = Assert.Single(Settle().OfType<PatchObject>());
        Assert.Equal("""["mine"]""", patch.Patch["metadata"]!["finalizers"]!.ToJsonString());
    }

    [Fact]
    public void Orphan_lets_the_dependents_go_and_then_the_owner()
    {
        Given.Add(_caches, Given.Pod("p", "set"),
            Set(", deletionTimestamp: \"2026-06-01T11:59:00Z\", finalizers: [orphan]"));
        var release = Assert.Single(Settle().OfType<PatchObject>());
        Assert.Equal("p", release.Key.Name);
        Assert.Empty(release.Patch["metadata"]!["ownerReferences"]!.AsArray());
        Given.Add(_caches, "{kind: Pod, metadata: {name: p}, spec: {}}");
        Assert.Equal("set", Assert.Single(Settle().OfType<PatchObject>()).Key.Name);
    }

    /// <summary>The writes of every key that waits.</summary>
    private List<Write> Settle()
    {
        var writes = new List<Write>();
        while (_queue.TryTake(out var key))
        {
            writes.AddRange(_reconciler.Reconcile(key, Given.Now).Writes);
        }
        return writes;
    }

    private static string Set(string more) => $"{{kind: ReplicaSet, metadata: {{name: set{more}}}, spec: {{}}}}";
}
