using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>
/// The router's connections to the API servers, apart from each other so that one that is mute does not silence the
/// others: for lists and watches, for quorum reads of the heartbeat, for what this router itself writes.
/// </summary>
internal sealed record KubeConnections(KubeHttp Watch, KubeHttp Probe, KubeHttp Write) : IDisposable
{
    /// <exception cref="KubeconfigException">a certificate or key in it cannot be read</exception>
    public static KubeConnections Create(Kubeconfig kubeconfig, RouterProtections protections, TimeProvider time)
    {
        var watch = new KubeHttpOptions
        {
            UserAgent = "mainstay-router",
            Time = time,
            ConnectTimeout = TimeSpan.FromSeconds(2),
            RequestTimeout = Limits.ListPageDeadline,
        };
        var brief = watch with
        {
            ConnectTimeout = TimeSpan.FromSeconds(1),
            RequestTimeout = TimeSpan.FromSeconds(2),
        };
        if (!protections.Freshness)
        {
            // An open connection was proof enough in 2017.
            watch = watch with { PingDelay = Timeout.InfiniteTimeSpan };
        }

        return new KubeConnections(
            KubeHttp.Create(kubeconfig, watch), KubeHttp.Create(kubeconfig, brief), KubeHttp.Create(kubeconfig, brief));
    }

    public void Dispose()
    {
        Watch.Dispose();
        Probe.Dispose();
        Write.Dispose();
    }
}
