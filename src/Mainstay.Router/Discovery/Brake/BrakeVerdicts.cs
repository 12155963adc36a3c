using System.Collections.Immutable;

namespace Mainstay.Router.Discovery.Brake;

/// <summary>
/// Who of the held has no claim any more, by what was answered. An answer that did not come says nothing: silence is
/// never health, and never death either. No I/O.
/// </summary>
internal static class BrakeVerdicts
{
    /// <summary>By a quorum list of pods: those whose pod does not exist, has ended, or is asked to.</summary>
    /// <param name="held">of services whose pods were listed</param>
    /// <param name="pods">all pods of their namespaces, or all that their selectors mean</param>
    public static ImmutableArray<HeldEndpoint> GoneByPods(
        IEnumerable<HeldEndpoint> held, IReadOnlyCollection<PodObject> pods)
    {
        var alive = pods.Where(pod => pod.IsAlive).ToArray();
        return [.. held.Where(one => one.Service.Selector.Count > 0 && !alive.Any(pod => IsIts(pod, one)))];
    }

    /// <summary>By the agent of its node: those whose address it gave to another pod, or to none.</summary>
    /// <param name="held">of that node</param>
    /// <param name="pods">the agent's own list</param>
    public static ImmutableArray<HeldEndpoint> GoneByAgent(IEnumerable<HeldEndpoint> held, AgentPodList pods) =>
        [.. held.Where(endpoint => pods.Denies(endpoint.Address))];

    /// <summary>A pod that makes no sense is alive, as far as anybody can tell.</summary>
    private static bool IsIts(PodObject pod, HeldEndpoint endpoint) => pod.IsSenseless
        ? pod.Uid.Length == 0 || endpoint.Address.Uid.Length == 0 || pod.Uid == endpoint.Address.Uid
        : pod.IsSelectedBy(endpoint.Service) && (endpoint.Address.Uid.Length > 0
            ? pod.Uid == endpoint.Address.Uid
            : pod.Ip == endpoint.Address.Address);
}
