using System.Collections.Immutable;
using System.Globalization;
using Mainstay.Kernel.Signals;
using Mainstay.Router.Discovery.Brake;

namespace Mainstay.Router.Discovery;

/// <summary>
/// Has the node agents confirm what the disk says, all side by side and bounded in time, before the router listens.
/// Where an agent is silent its addresses are used, with a signal, and it is asked again until it answers or live
/// discovery has taken over. One caller at a time.
/// </summary>
internal sealed class SnapshotConfirmer(IAgentPods agents, Uri? ownAgent, DiscoveryParts parts, DiscoveryWorld world)
{
    private static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(Limits.SnapshotConfirmMilliseconds);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(2);

    private DiscoveredObjects _unconfirmed = DiscoveredObjects.None;

    private string Subject => $"router/{parts.Node}";

    /// <summary>Asks everyone once.</summary>
    /// <param name="saved">what the disk says</param>
    /// <param name="cancellationToken">gives up</param>
    /// <returns>what may be used</returns>
    public async Task<DiscoveredObjects> ConfirmAsync(DiscoveredObjects saved, CancellationToken cancellationToken)
    {
        using var bound = new CancellationTokenSource(Bound, world.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        var nodes = SnapshotConfirmation.NodesOf(saved);
        var asked = await Task.WhenAll(nodes.Select(node => AskAsync(node, saved, both.Token)));
        var answers = asked
            .Where(one => one.Pods is not null)
            .ToDictionary(one => one.Node, one => one.Pods!); // Just looked.
        var confirmation = SnapshotConfirmation.Of(saved, answers);
        if (!confirmation.Dropped.IsEmpty)
        {
            world.Logger.SnapshotAddressesDropped(string.Join(", ", confirmation.Dropped.Take(20)));
        }

        _unconfirmed = confirmation.SilentNodes.IsEmpty ? DiscoveredObjects.None : confirmation.Objects;
        parts.Signals.Set(SignalCatalog.SnapshotUnconfirmed, Subject, Reading(confirmation));
        return confirmation.Objects;
    }

    /// <summary>As long as something is unconfirmed: again and again.</summary>
    /// <param name="isLive">whether live discovery has taken over</param>
    /// <param name="use">takes what may be used from now on</param>
    /// <param name="cancellationToken">ends the loop</param>
    public async Task RunAsync(
        Func<bool> isLive, Action<DiscoveredObjects> use, CancellationToken cancellationToken)
    {
        try
        {
            while (!ReferenceEquals(_unconfirmed, DiscoveredObjects.None))
            {
                await Task.Delay(AskAgain, world.Time, cancellationToken);
                if (isLive())
                {
                    _unconfirmed = DiscoveredObjects.None;
                    break;
                }

                var before = _unconfirmed;
                var now = await ConfirmAsync(before, cancellationToken);
                if (!ReferenceEquals(now.Slices, before.Slices) && !isLive())
                {
                    use(now);
                }
            }

            parts.Signals.Clear(SignalCatalog.SnapshotUnconfirmed, Subject);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The router stops.
        }
    }

    private async Task<(string Node, AgentPodList? Pods)> AskAsync(
        string node, DiscoveredObjects saved, CancellationToken cancellationToken)
    {
        var agent = node == parts.Node && ownAgent is not null ? ownAgent : saved.Agents.GetValueOrDefault(node);
        try
        {
            return (node, agent is null ? null : await agents.AskAsync(agent, cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // Too late is as good as silence.
            return (node, null);
        }
    }

    private static SignalReading? Reading(SnapshotConfirmation confirmation)
    {
        if (confirmation.SilentNodes.IsEmpty)
        {
            return null;
        }

        var names = string.Join(", ", confirmation.SilentNodes);
        var summary = string.Create(
            CultureInfo.InvariantCulture,
            $"Addresses from the disk are used unconfirmed: no agent answers on {names}");
        return new SignalReading(summary)
        {
            Evidence = [new Evidence("silentNodes", names)],
            CausedBy = [.. confirmation.SilentNodes.Select(node => $"node/{node}")],
        };
    }
}
