using System.Collections.Immutable;

namespace Mainstay.ConsoleSite.Checks;

/// <summary>Where an API server was found.</summary>
public enum ServerSource
{
    Kubeconfig,

    /// <summary>Among the addresses of the Service default/kubernetes; it may not be reachable from here.</summary>
    ClusterEndpoints,
}

/// <summary>What one API server answered, and how long it took.</summary>
public sealed record ApiServerReading(Uri Server, ServerSource Source)
{
    /// <summary>Why nothing came at all; empty when it answers.</summary>
    public string Fault { get; init; } = "";

    /// <summary>Nobody listens there.</summary>
    public bool Refused { get; init; }

    /// <summary>What is wrong with /livez and /readyz; empty when they answer 200.</summary>
    public string LiveFault { get; init; } = "";

    public string ReadyFault { get; init; } = "";

    /// <summary>As <c>v1.20.2</c>; empty when it did not say.</summary>
    public string Version { get; init; } = "";

    /// <summary>Of one small request on an open connection.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>By quorum, the cache, and by quorum again: what did not change between must be in the cache.</summary>
    public ImmutableArray<CacheReading> Caches { get; init; } = [];

    public bool Answers => Fault.Length == 0;

    public string Name => Server.ToString().TrimEnd('/');
}

/// <summary>One kind read three times from one API server.</summary>
public sealed record CacheReading(ObjectList Before, ObjectList Cached, ObjectList After);
