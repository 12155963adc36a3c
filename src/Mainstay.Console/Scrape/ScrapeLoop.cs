using Mainstay.ConsoleSite.Cluster;

namespace Mainstay.ConsoleSite.Scrape;

/// <summary>Each interval: finds out which routers there are, and reads all of them side by side.</summary>
internal sealed class ScrapeLoop(
    ConsoleOptions options, ClusterSource cluster, RouterFleet fleet, RouterClient client, TimeProvider time)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.ScrapeInterval, time);
        do
        {
            fleet.Expect(Expected());
            var parallel = new ParallelOptions
            {
                MaxDegreeOfParallelism = Limits.ScrapesAtOnceMax,
                CancellationToken = cancellationToken,
            };
            await Parallel.ForEachAsync(fleet.Addresses, parallel, async (address, token) =>
                fleet.Take(address, await client.ReadAsync(address, token)));
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private IEnumerable<ExpectedRouter> Expected()
    {
        foreach (var router in options.Routers)
        {
            yield return new ExpectedRouter(router, "");
        }

        foreach (var node in cluster.View().Nodes.Where(node => node.Address.Length > 0))
        {
            var host = node.Address.Contains(':', StringComparison.Ordinal) ? $"[{node.Address}]" : node.Address;
            if (Uri.TryCreate($"http://{host}:{options.RouterAdminPort}/", UriKind.Absolute, out var address))
            {
                yield return new ExpectedRouter(address, node.Name);
            }
        }
    }
}
