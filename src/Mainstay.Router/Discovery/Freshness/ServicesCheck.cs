using System.Text.Json;
using Mainstay.Kernel;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.Router.Discovery.Freshness;

/// <summary>
/// Where nobody may write a heartbeat among the Services nothing passes there that would show silence, and beside a
/// heartbeat that passes a single change may be lost. So now and then a quorum list is compared with what the watch
/// told; what still differs after a moment makes the router leave the server. Owned by <see cref="RunAsync"/>.
/// </summary>
internal sealed class ServicesCheck(
    ObjectSources sources, KubeHttp http, StaleSignal stale, DiscoveryWorld world)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AgainAfterFault = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConfirmFor = TimeSpan.FromSeconds(2);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await sources.Synced.WaitAsync(cancellationToken);
            var pause = Spread(Every);
            while (true)
            {
                await Task.Delay(pause, world.Time, cancellationToken);
                pause = await CheckAsync(cancellationToken) ? Spread(Every) : AgainAfterFault;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The router stops.
        }
    }

    /// <returns>whether somebody answered and all is well; else it is looked again soon</returns>
    private async Task<bool> CheckAsync(CancellationToken cancellationToken)
    {
        ServiceComparison list;
        var from = http.Server;
        try
        {
            list = await ListAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Whether API servers answer at all is the heartbeat's business.
            http.Leave(from);
            return false;
        }

        var server = sources.ServicesWatch.Server;
        if (sources.ServicesBehind(list) is [])
        {
            stale.TellByComparison(null);
            return true;
        }

        await Task.Delay(ConfirmFor, world.Time, cancellationToken);
        var behind = sources.ServicesBehind(list);
        if (behind.Length == 0)
        {
            stale.TellByComparison(null);
            return true;
        }

        var hop = $"api/{server.ToString().TrimEnd('/')}";
        var names = string.Join(", ", behind.Take(Limits.NamesInALogLine));
        var reason = $"its watch of Services has not told {names}, which a quorum list from {from} has";
        stale.TellByComparison(new SignalReading($"{stale.Subject} stands still because of {hop}: {reason}")
        {
            Evidence = [new Evidence("services", names), new Evidence("server", server.ToString().TrimEnd('/'))],
            Culprit = new ObjectReference("Service", behind[0].Namespace, behind[0].Name),
            CausedBy = [hop],
        });
        world.Logger.ServerLeft(server, reason, from == server ? "a new connection" : from.ToString());
        sources.Leave(server, from == server ? null : from, reason);
        return false;
    }

    private async Task<ServiceComparison> ListAsync(CancellationToken cancellationToken)
    {
        var items = new List<JsonElement>();
        var revision = await ListPages.ReadAsync(
            http, new ListRequest(WatchedKind.Services), item => items.Add(item.Clone()), cancellationToken);
        return ServiceComparison.Of(items, revision);
    }

    /// <summary>Not all routers at once.</summary>
    private TimeSpan Spread(TimeSpan pause) => pause * (1 + (0.5 * world.Random.NextDouble()));
}
