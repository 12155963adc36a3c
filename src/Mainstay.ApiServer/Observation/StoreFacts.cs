using Mainstay.Etcd;

namespace Mainstay.ApiServer.Observation;

/// <summary>Everything that the signals of an API server are judged from, at one moment.</summary>
internal sealed record StoreFacts
{
    /// <summary>The server as a subject: <c>api/https://127.0.0.1:6443</c>.</summary>
    public required string Subject { get; init; }

    public required DateTimeOffset Now { get; init; }

    public required ClusterView View { get; init; }

    /// <summary>Time since a quorum read was last answered; null before the first.</summary>
    public required TimeSpan? QuorumSilence { get; init; }

    /// <summary>Time since a quorum read proved that the caches missed nothing; null before the first list.</summary>
    public required TimeSpan? CacheAge { get; init; }

    public required long CacheRevision { get; init; }

    /// <summary>The newest revision that a quorum read told.</summary>
    public required long StoreRevision { get; init; }

    public required (int Slow, int All, TimeSpan Worst) Latency { get; init; }

    /// <summary>Time since this server started.</summary>
    public required TimeSpan Uptime { get; init; }
}
