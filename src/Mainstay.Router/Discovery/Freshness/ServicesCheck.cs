using System.Text.Json;
using Mainstay.Kernel;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.Router.Discovery.Freshness;

/// <summary>
/// The heartbeat passes through the endpoints' cache of an API server; Services are cached apart and change seldom, so
/// nothing passes there that would show silence. So now and then a quorum list is compared with what the watch told;
/// what still differs after a moment makes the router leave the server. Owned by <see cref="RunAsync"/>.
/// </summary>
internal sealed class ServicesCheck(
    ObjectSources sources, KubeHttp http, DiscoveryParts parts, DiscoveryWorld world)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AgainAfterFault = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConfirmFor = TimeSpan.FromSeconds(2);

    private string Subject => $"router/{parts.Node}/services";

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

        var server = sources.Server;
        if (sources.ServicesBehind(list) is [])
        {
            parts.Signals.Clear(SignalCatalog.DiscoveryStale, Subject);
            return true;
        }

        await Task.Delay(ConfirmFor, world.Time, cancellationToken);
        var behind = sources.ServicesBehind(list);
        if (behind.Length == 0)
        {
            parts.Signals.Clear(SignalCatalog.DiscoveryStale, Subject);
            return true;
        }

        var hop = $"api/{server.ToString().TrimEnd('/')}";
        var names = string.Join(", ", behind.Take(Limits.NamesInALogLine));
        var reason = $"its watch of Services has not told {names}, which a quorum list from {from} has";
        parts.Signals.Raise(SignalCatalog.DiscoveryStale, Subject, new SignalReading(
            $"the table of router/{parts.Node} stands still because of {hop}: {reason}")
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
        var continueFrom = "";
        while (true)
        {
            var from = continueFrom.Length == 0 ? "" : $"&continue={Uri.EscapeDataString(continueFrom)}";
            var request = new KubeRequest(HttpMethod.Get, $"{ObjectSources.ServicesPath}?limit=500{from}");
            using var page = await http.AnswerAsync(request, cancellationToken);
            items.AddRange(page.RootElement.Items("items").Select(item => item.Clone()));
            var metadata = page.RootElement.Child("metadata");
            continueFrom = metadata?.Text("continue") ?? "";
            if (continueFrom.Length == 0)
            {
                return ServiceComparison.Of(items, metadata?.Text("resourceVersion") ?? "");
            }
        }
    }

    /// <summary>Not all routers at once.</summary>
    private TimeSpan Spread(TimeSpan pause) => pause * (1 + (0.5 * world.Random.NextDouble()));
}
