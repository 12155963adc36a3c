using Mainstay.Kernel;
using Mainstay.Kube;
using Mainstay.Router.Discovery.Freshness;

namespace Mainstay.Router.Discovery;

/// <summary>
/// An API server may write an object otherwise in a list than in a watch: what serves has listed long ago and sees
/// nothing of it, what starts next falls over it. So one router, the one that is elected to write the heartbeat, lists
/// the endpoints now and then as a router that starts would, from one API server after the other, and names what has
/// null for a list. At most a fiftieth of the time is spent on it. A server that does not give its list is logged once
/// until it does; the next one has its turn. Owned by <see cref="RunAsync"/>.
/// </summary>
/// <param name="isMine">whether this router is the one</param>
/// <param name="sources">knows the kind, and takes what is found</param>
/// <param name="http">where to ask; not the watch's connections</param>
/// <param name="world">the clock</param>
internal sealed class StartLook(Func<bool> isMine, ObjectSources sources, KubeHttp http, DiscoveryWorld world)
{
    private const int ShareOfTime = 50;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(6);

    private readonly HashSet<Uri> _silent = [];
    private int _next;
    private bool _hasLooked;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await sources.Synced.WaitAsync(cancellationToken);
            var pause = Every;
            while (true)
            {
                await Task.Delay(pause, world.Time, cancellationToken);
                var startedAt = world.Time.GetTimestamp();
                var hasRead = await LookAsync(cancellationToken);
                var took = world.Time.GetElapsedTime(startedAt) * ShareOfTime;
                pause = hasRead && took > Every ? took : Every;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The router stops.
        }
    }

    /// <returns>whether a list was read to its end</returns>
    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        if (!isMine() || sources.EndpointsWatch.Kind is not { } kind)
        {
            if (_hasLooked)
            {
                sources.EndpointNulls.Unlisted();
                _hasLooked = false;
            }

            return false;
        }

        var server = http.Servers[_next++ % http.Servers.Length];
        var found = new Dictionary<ObjectKey, string>();
        try
        {
            var list = new ListRequest(kind, server) { PageDeadline = Limits.ListPageDeadline };
            await ListPages.ReadAsync(http, list, item => Take(item, found), cancellationToken);
            sources.EndpointNulls.Listed(server, found);
            _silent.Remove(server);
            _hasLooked = true;
            return true;
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            // What is wrong with the server others find out; here it is said what is not looked for meanwhile.
            cancellationToken.ThrowIfCancellationRequested();
            if (_silent.Add(server))
            {
                world.Logger.StartLookFailed(server, fault.Message);
            }

            return false;
        }
    }

    private static void Take(System.Text.Json.JsonElement item, Dictionary<ObjectKey, string> found)
    {
        try
        {
            var key = ObjectKey.Of(item);
            if (NullLists.FirstIn(item) is var field && (field.Length > 0 || key == Heartbeat.Key))
            {
                found[key] = field;
            }
        }
        catch (MalformedObjectException)
        {
            // Without a name it cannot be told, and whoever lists keeps it out.
        }
    }
}
