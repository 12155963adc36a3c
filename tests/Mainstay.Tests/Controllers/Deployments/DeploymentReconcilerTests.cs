using Mainstay.Controllers.Core;
using Mainstay.Controllers.Deployments;
using Mainstay.Kube;

namespace Mainstay.Tests.Controllers.Deployments;

public class DeploymentReconcilerTests
{
    private const string Created = "2026-06-01T10:00:00Z";

    [Fact]
    public void A_new_template_gets_a_replica_set_with_its_hash_and_the_next_revision()
    {
        var writes = Reconcile(Given.Cluster(Deployment("v2"), Set("old", "v1", 4, revision: 3))).Writes;
        var create = Assert.Single(writes.OfType<CreateObject>());
        var hash = create.Body["metadata"]!["labels"]![PodTemplate.HashLabel]!.ToString();
        Assert.Equal($"web-{hash}", create.Key.Name);
        Assert.Equal(hash, create.Body["spec"]!["selector"]!["matchLabels"]![PodTemplate.HashLabel]!.ToString());
        var labels = create.Body["spec"]!["template"]!["metadata"]!["labels"]!;
        Assert.Equal(hash, labels[PodTemplate.HashLabel]!.ToString());
        Assert.Equal("4", create.Body["metadata"]!["annotations"]![Revision.Annotation]!.ToString());
        // 4 wished, 25% surge is 1: the new set may have one pod beside the four old ones.
        Assert.Equal(1, (int)create.Body["spec"]!["replicas"]!);
        Assert.Equal("NewReplicaSetCreated", Progressing(writes));
    }

    [Fact]
    public void A_name_that_another_template_has_taken_is_avoided_by_counting_collisions()
    {
        var first = Assert.Single(Reconcile(Given.Cluster(Deployment("v2"))).Writes.OfType<CreateObject>());
        var taken = Set(first.Key.Name, "v9", 0).Replace("app: web", "app: other").Replace("uid: web", "uid: another");
        var writes = Reconcile(Given.Cluster(Deployment("v2"), taken)).Writes;
        Assert.NotEqual(first.Key.Name, Assert.Single(writes.OfType<CreateObject>()).Key.Name);
        Assert.Equal(1, (int)Assert.Single(writes.OfType<PatchObject>()).Patch["status"]!["collisionCount"]!);
    }

    [Fact]
    public void An_undo_moves_the_old_set_to_the_highest_revision()
    {
        var caches = Given.Cluster(Deployment("v1", revision: 2), Set("one", "v1", 0, 1), Set("two", "v2", 4, 2));
        var patches = Reconcile(caches).Writes.OfType<PatchObject>().ToList();
        Assert.Equal(["one", "web"], patches.Select(p => p.Key.Name));
        Assert.All(patches, p => Assert
            .Equal("3", p.Patch["metadata"]!["annotations"]![Revision.Annotation]!.ToString()));
        Assert.Equal("1", patches[0].Patch["metadata"]!["annotations"]![Revision.HistoryAnnotation]!.ToString());
    }

    [Theory]
    [InlineData(1, 1, 4, 4, "old=2")]
    [InlineData(1, 0, 4, 4, "old=3")]
    [InlineData(1, 0, 3, 3, "new=2")]
    [InlineData(2, 0, 3, 3, "")]
    [InlineData(1, 0, 4, 3, "old=3")]
    [InlineData(2, 2, 2, 2, "new=3")]
    [InlineData(4, 4, 0, 0, "")]
    public void Each_step_keeps_enough_available_and_not_too_many(
        int fresh, int freshAvailable, int old, int oldAvailable, string steps)
    {
        var caches = Given.Cluster(Deployment("v2", revision: 2),
            Set("old", "v1", old, 1, oldAvailable), Set("new", "v2", fresh, 2, freshAvailable));
        Assert.Equal(steps, Scalings(caches));
    }

    [Fact]
    public void A_set_whose_status_is_behind_holds_the_room_it_may_still_take()
    {
        var behind = Set("old", "v1", 3, 1).Replace("observedGeneration: 2", "observedGeneration: 1");
        var caches = Given.Cluster(Deployment("v2", revision: 2), behind, Set("new", "v2", 1, 2));
        Assert.Equal("old=2", Scalings(caches));
        Given.Add(caches, Set("old", "v1", 3, 1));
        Assert.Equal("new=2", Scalings(caches));
    }

    [Fact]
    public void A_changed_number_is_shared_in_proportion_and_a_paused_deployment_follows_it_too()
    {
        var eight = Deployment("v2", revision: 2).Replace("replicas: 4", "replicas: 8");
        var caches = Given.Cluster(eight, Set("old", "v1", 3, 1), Set("new", "v2", 2, 2));
        Assert.Equal("new=4 old=6", Scalings(caches));
        Given.Add(caches, eight.Replace("replicas: 8", "replicas: 8\n  paused: true"));
        Assert.Equal("new=4 old=6", Scalings(caches));
    }

    [Fact]
    public void A_paused_deployment_starts_nothing_new_and_says_so()
    {
        var paused = Deployment("v2").Replace("replicas: 4", "replicas: 4\n  paused: true");
        var writes = Reconcile(Given.Cluster(paused, Set("old", "v1", 4, 1))).Writes;
        Assert.Empty(writes.OfType<CreateObject>());
        Assert.Equal("DeploymentPaused", Progressing(writes));
    }

    [Fact]
    public void Recreate_waits_for_the_last_old_pod()
    {
        var recreate = Deployment("v2").Replace("replicas: 4", "replicas: 4\n  strategy: {type: Recreate}");
        var caches = Given.Cluster(recreate, Set("old", "v1", 4, 1), Given.Pod("p", "old"));
        Assert.Equal("old=0", Scalings(caches));
        Given.Add(caches, Set("old", "v1", 0, 1));
        Assert.Empty(Reconcile(caches).Writes.OfType<CreateObject>());
        Given.Remove(caches, "Pod", "p");
        Assert.Equal(4, (int)Assert.Single(Reconcile(caches).Writes.OfType<CreateObject>()).Body["spec"]!["replicas"]!);
    }

    [Fact]
    public void Old_sets_beyond_the_history_limit_are_forgotten_oldest_first()
    {
        var caches = Given.Cluster(
            Deployment("v9", revision: 5).Replace("replicas: 4", "replicas: 4\n  revisionHistoryLimit: 1"),
            Set("a", "v1", 0, 1), Set("b", "v2", 0, 2), Set("c", "v3", 0, 3), Set("new", "v9", 4, 5));
        Assert.Equal(["a", "b"], Reconcile(caches).Writes.OfType<DeleteObject>().Select(d => d.Key.Name));
    }

    [Fact]
    public void A_rollout_that_makes_no_progress_for_its_deadline_is_called_so_and_is_waited_for_until_then()
    {
        const string told = """
            status:
              observedGeneration: 7
              replicas: 5
              updatedReplicas: 1
              readyReplicas: 4
              availableReplicas: 4
              conditions: [{type: Progressing, status: "True", reason: ReplicaSetUpdated,
                lastUpdateTime: "2026-06-01T11:59:00Z", lastTransitionTime: "2026-06-01T11:59:00Z"}]
            """;
        var caches = Given.Cluster(Deployment("v2", revision: 2) + told, Set("old", "v1", 4, 1),
            Set("new", "v2", 1, 2, 0));
        Assert.Equal(TimeSpan.FromSeconds(541), Reconcile(caches).Again);
        var late = new DeploymentReconciler(caches).Reconcile(new ObjectKey("n", "web"), Given.Now.AddMinutes(10));
        Assert.Equal("ProgressDeadlineExceeded", Progressing(late.Writes));
    }

    [Fact]
    public void A_complete_rollout_is_told_once_and_then_nothing_is_written()
    {
        var caches = Given.Cluster(Deployment("v2", revision: 2), Set("new", "v2", 4, 2));
        var writes = Reconcile(caches).Writes;
        Assert.Equal("NewReplicaSetAvailable", Progressing(writes));
        var status = Assert.IsType<PatchObject>(Assert.Single(writes)).Patch["status"]!;
        Assert.Equal((4, 4, 0), ((int)status["updatedReplicas"]!, (int)status["availableReplicas"]!,
            (int)status["unavailableReplicas"]!));
        Given.Add(caches, Deployment("v2", revision: 2) + "status: " + status.ToJsonString());
        Assert.Empty(Reconcile(caches).Writes);
    }

    [Fact]
    public void Sets_of_others_and_an_empty_selector_are_left_alone()
    {
        var caches = Given.Cluster(Deployment("v1").Replace("matchLabels: {app: web}", ""), Set("old", "v1", 4, 1));
        Assert.Empty(Reconcile(caches).Writes);
        caches = Given.Cluster(Deployment("v1"), Set("foreign", "v0", 4, 1).Replace("uid: web", "uid: another"));
        Assert.Empty(Reconcile(caches).Writes.Where(w => w.Key.Name == "foreign"));
    }

    private static Outcome Reconcile(ClusterCaches caches) =>
        new DeploymentReconciler(caches).Reconcile(new ObjectKey("n", "web"), Given.Now);

    private static string Scalings(ClusterCaches caches) => string.Join(' ', Reconcile(caches).Writes
        .OfType<PatchObject>().Where(p => p.Patch["spec"] is not null)
            .Select(p => $"{p.Key.Name}={p.Patch["spec"]!["replicas"]}")
        .Order(StringComparer.Ordinal));

    private static string Progressing(IEnumerable<Write> writes) => writes.OfType<PatchObject>()
        .Where(p => p.Subresource == "status").SelectMany(p => p.Patch["status"]!["conditions"]!.AsArray())
        .Single(c => c!["type"]!.ToString() == "Progressing")!["reason"]!.ToString();

    private static string Deployment(string image, int revision = 0) => $$"""
        kind: Deployment
        metadata: {name: web, generation: 7, annotations: {deployment.kubernetes.io/revision: "{{revision}}"} }
        spec:
          replicas: 4
          progressDeadlineSeconds: 600
          selector: {matchLabels: {app: web} }
          template:
            metadata: {labels: {app: web} }
            spec: {containers: [{name: c, image: "{{image}}"}] }

        """;

    private static string Set(string name, string image, int replicas, int revision = 1, int? available = null) => $$"""
        kind: ReplicaSet
        metadata:
          name: {{name}}
          generation: 2
          creationTimestamp: "{{Created}}"
          labels: {app: web, pod-template-hash: "h{{name}}" }
          annotations:
            deployment.kubernetes.io/revision: "{{revision}}"
            deployment.kubernetes.io/desired-replicas: "4"
            deployment.kubernetes.io/max-replicas: "5"
          ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: web, controller: true}]
        spec:
          replicas: {{replicas}}
          selector: {matchLabels: {app: web, pod-template-hash: "h{{name}}" } }
          template:
            metadata: {labels: {app: web, pod-template-hash: "h{{name}}" } }
            spec: {containers: [{name: c, image: "{{image}}"}] }
        status: {replicas: {{replicas}}, readyReplicas: {{available ?? replicas}},
          availableReplicas: {{available ?? replicas}}, observedGeneration: 2}
        """;
}
