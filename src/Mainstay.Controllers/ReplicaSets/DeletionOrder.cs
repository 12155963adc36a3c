using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.Routed;

namespace Mainstay.Controllers.ReplicaSets;

/// <summary>
/// Which pods go first when there are too many, as Kubernetes orders them: without a node before with one, pending
/// before unknown before running, not ready before ready, cheaper before dearer, on a crowded node before alone, ready
/// for a shorter time first, more restarts first, younger first. Besides that, of those that are ready and cost the
/// same the ones go first that not every router has: a rollout counts on the others, and one that it gave up may be
/// ready by now.
/// </summary>
internal sealed class DeletionOrder(IReadOnlyDictionary<string, int> podsOnNode) : IComparer<V1Pod>
{
    private const string CostAnnotation = "controller.kubernetes.io/pod-deletion-cost";

    /// <param name="family">the pods that count for the crowding of a node</param>
    public static DeletionOrder Among(IEnumerable<V1Pod> family) => new(family
        .Where(p => p.Spec?.NodeName is { Length: > 0 })
        .GroupBy(p => p.Spec.NodeName).ToDictionary(g => g.Key, g => g.Count()));

    public int Compare(V1Pod? one, V1Pod? other)
    {
        if (one is null || other is null)
        {
            return (one is null).CompareTo(other is null);
        }
        var order = HasNode(one).CompareTo(HasNode(other));
        order = order != 0 ? order : Phase(one).CompareTo(Phase(other));
        order = order != 0 ? order : one.IsReady().CompareTo(other.IsReady());
        order = order != 0 ? order : Cost(one).CompareTo(Cost(other));
        order = order != 0 ? order : RoutedGate.IsConverged(one).CompareTo(RoutedGate.IsConverged(other));
        order = order != 0 ? order : Crowd(other).CompareTo(Crowd(one));
        order = order != 0 ? order : Newest(one.ReadySince(), other.ReadySince());
        order = order != 0 ? order : other.Restarts().CompareTo(one.Restarts());
        order = order != 0 ? order : Newest(Created(one), Created(other));
        return order != 0 ? order : string.CompareOrdinal(one.Metadata.Name, other.Metadata.Name);
    }

    private static bool HasNode(V1Pod pod) => pod.Spec?.NodeName is { Length: > 0 };

    private static int Phase(V1Pod pod) => pod.Status?.Phase switch
    {
        null or "" or "Pending" => 0,
        "Unknown" => 1,
        _ => 2,
    };

    private static int Cost(V1Pod pod) =>
        pod.Metadata.Annotations is { } notes && notes.TryGetValue(CostAnnotation, out var text)
            && int.TryParse(text, out var cost) ? cost : 0;

    private int Crowd(V1Pod pod) =>
        pod.Spec?.NodeName is { Length: > 0 } node ? podsOnNode.GetValueOrDefault(node) : 0;

    private static DateTimeOffset? Created(V1Pod pod) => pod.Metadata.CreationTimestamp.ToMoment();

    private static int Newest(DateTimeOffset? one, DateTimeOffset? other) => Nullable.Compare(other, one);
}
