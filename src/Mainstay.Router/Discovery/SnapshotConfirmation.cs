using System.Collections.Immutable;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>
/// What of a snapshot may be used, by what the node agents say now. An address that its agent gave to another pod, or
/// does not have, is dropped: it may never get a call that was meant for the former pod. One whose agent is silent is
/// used, for silence says nothing; the node is named. The host's own address is used too: agents say nothing of it. No
/// I/O.
/// </summary>
/// <param name="Objects">what may be used</param>
/// <param name="Dropped">addresses that are another's or nobody's now, as SERVICE ADDRESS</param>
/// <param name="SilentNodes">nodes with endpoints in use whose agents did not answer</param>
internal sealed record SnapshotConfirmation(
    DiscoveredObjects Objects, ImmutableArray<string> Dropped, ImmutableArray<string> SilentNodes)
{
    /// <summary>The nodes whose agents are to be asked: those with pods that calls go to.</summary>
    public static ImmutableArray<string> NodesOf(DiscoveredObjects objects) =>
    [
        .. objects.Slices.Values.SelectMany(slice => slice.Addresses)
            .Where(IsPod).Select(address => address.Node).Distinct().Order(StringComparer.Ordinal),
    ];

    /// <param name="saved">what the disk has</param>
    /// <param name="answers">by node; a node without an answer is silent</param>
    public static SnapshotConfirmation Of(
        DiscoveredObjects saved, IReadOnlyDictionary<string, AgentPodList> answers)
    {
        var slices = saved.Slices;
        var dropped = ImmutableArray.CreateBuilder<string>();
        foreach (var slice in saved.Slices.Values)
        {
            var gone = slice.Addresses.Where(address => IsGone(address, answers)).ToImmutableArray();
            if (!gone.IsEmpty)
            {
                slices = slices.SetItem(slice.Key, slice with { Addresses = slice.Addresses.RemoveRange(gone) });
                var service = new ObjectKey(slice.Key.Namespace, slice.Service);
                dropped.AddRange(gone.Select(address => $"{service} {address.Address}"));
            }
        }

        ImmutableArray<string> silent = [.. NodesOf(saved).Where(node => !answers.ContainsKey(node))];
        return new SnapshotConfirmation(saved with { Slices = slices }, dropped.ToImmutable(), silent);
    }

    private static bool IsPod(SliceAddress address) => address.Ready && address.Uid.Length > 0;

    private static bool IsGone(
        SliceAddress address, IReadOnlyDictionary<string, AgentPodList> answers) =>
        IsPod(address) && answers.TryGetValue(address.Node, out var pods) && pods.Denies(address);
}
