using Mainstay.ConsoleSite.Cluster;

namespace Mainstay.ConsoleSite.Memory;

/// <summary>Keeps what is known on disk, and once more at the end.</summary>
internal sealed class SaveLoop(ClusterSource cluster, LastKnown lastKnown, TimeProvider time)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Limits.SaveInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                lastKnown.Save(cluster.View());
            }
        }
        finally
        {
            lastKnown.Save(cluster.View());
        }
    }
}
