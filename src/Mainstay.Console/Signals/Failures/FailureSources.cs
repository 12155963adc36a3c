using System.Collections.Immutable;
using Mainstay.ConsoleSite.Cluster;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Signals.Failures;

/// <summary>What failures are judged from.</summary>
internal interface IFailureSource
{
    /// <summary>Calls of so long are judged together.</summary>
    TimeSpan Window { get; }

    /// <summary>The present template of each Deployment.</summary>
    ImmutableArray<RevisionView> Revisions { get; }

    /// <summary>Services that were made since a moment; none where nobody tells.</summary>
    ImmutableHashSet<ObjectKey> MadeSince(DateTimeOffset moment);

    /// <summary>Calls of each service in the window that ends now.</summary>
    ImmutableArray<ServiceSum> Lately();

    /// <summary>The same since a moment, for at most the window; nothing where that moment cannot be told.</summary>
    ImmutableArray<ServiceSum> Since(DateTimeOffset start);
}

/// <summary>The console's: its routers are read each second, and the API server is watched.</summary>
internal sealed class FleetFailures(RouterFleet fleet, Func<ClusterView> cluster, TimeProvider time) : IFailureSource
{
    public TimeSpan Window => Limits.FailureWindow;

    public ImmutableArray<RevisionView> Revisions => cluster().Revisions;

    public ImmutableHashSet<ObjectKey> MadeSince(DateTimeOffset moment) =>
    [
        .. cluster().Services.Where(service => service.MadeAt > moment)
            .Select(service => new ObjectKey(service.Namespace, service.Name)),
    ];

    public ImmutableArray<ServiceSum> Lately() => Since(time.GetUtcNow() - Window);

    public ImmutableArray<ServiceSum> Since(DateTimeOffset start) => fleet.FailuresSince(start);
}

/// <summary>A command's: routers read twice, and one list.</summary>
internal sealed class FailuresBetween(RoutersTwice routers, ImmutableArray<RevisionView> revisions) : IFailureSource
{
    private readonly ImmutableArray<ServiceSum> _sums = routers.Sums();

    public TimeSpan Window => routers.To - routers.From;

    public ImmutableArray<RevisionView> Revisions => revisions;

    public ImmutableHashSet<ObjectKey> MadeSince(DateTimeOffset moment) => [];

    public ImmutableArray<ServiceSum> Lately() => _sums;

    /// <summary>Within the time between two readings no moment can be told from another.</summary>
    public ImmutableArray<ServiceSum> Since(DateTimeOffset start) => start <= routers.From ? _sums : [];
}
