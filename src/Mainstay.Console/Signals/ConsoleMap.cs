using System.Collections.Immutable;
using Mainstay.ConsoleSite.Cluster;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Signals;

/// <summary>
/// The map as a console knows it: what its options name, the store's members, and the nodes that the cluster has, or
/// had when it was last seen. A Lease's age counts only while the cluster is heard: else all would grow old together.
/// </summary>
internal sealed class ConsoleMap(
    ConsoleOptions options, StoreMembers members, Func<ClusterView> cluster, TimeProvider time)
{
    private const int AgentPort = 10250;

    private readonly KubeconfigFile _kubeconfig = new(options.Kubeconfig);

    public PlatformMap Now()
    {
        var view = cluster();
        var now = time.GetUtcNow();
        var map = Of(options, members, view, now);
        return _kubeconfig.Current() is { } credentials ? map.With(credentials) : map;
    }

    internal static PlatformMap Of(
        ConsoleOptions options, StoreMembers members, ClusterView view, DateTimeOffset now)
    {
        var parts = ImmutableArray.CreateBuilder<PlatformPart>();
        var present = members.Now;
        foreach (var (name, address) in present)
        {
            parts.Add(new PlatformPart(PartKind.Store, present.Count == 1 ? "" : name, address));
        }

        if (options.Controllers is { } controllers)
        {
            parts.Add(new PlatformPart(PartKind.Controllers, "", controllers));
        }

        foreach (var node in view.Nodes)
        {
            if (At(node.Address, node.AgentPort > 0 ? node.AgentPort : AgentPort) is { } agent)
            {
                parts.Add(new PlatformPart(PartKind.Agent, node.Name, agent));
            }

            if (At(node.Address, options.RouterAdminPort) is { } router)
            {
                parts.Add(new PlatformPart(PartKind.Router, node.Name, router));
            }
        }

        var heard = view.HeardAt is { } at && now - at <= Limits.ClusterFreshDisturbed && !view.FromDisk;
        return new PlatformMap
        {
            Parts = parts.ToImmutable(),
            LeaseAges = heard
                ? view.Nodes.Where(node => node.LeaseRenewedAt is not null)
                    .ToImmutableDictionary(node => node.Name, node => now - node.LeaseRenewedAt!.Value)
                : ImmutableDictionary<string, TimeSpan>.Empty,
        };
    }

    private static Uri? At(string host, int port)
    {
        var text = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        return host.Length > 0 && Uri.TryCreate($"http://{text}:{port}/", UriKind.Absolute, out var address)
            ? address
            : null;
    }
}

/// <summary>
/// A kubeconfig on disk that may come later or change; read again when its time of change does. Thread safe.
/// </summary>
internal sealed class KubeconfigFile(string path)
{
    private readonly Lock _lock = new(); // guards both fields below
    private Kubeconfig? _current;
    private DateTime _changedAt;

    public Kubeconfig? Current()
    {
        lock (_lock)
        {
            try
            {
                var changedAt = File.GetLastWriteTimeUtc(path);
                if (_current is null || changedAt != _changedAt)
                {
                    (_current, _changedAt) = (Kubeconfig.Load(path), changedAt);
                }
            }
            catch (Exception fault) when (fault is KubeconfigException or IOException or UnauthorizedAccessException)
            {
                // The cluster's source tells it; what was good before is used on.
            }

            return _current;
        }
    }
}
