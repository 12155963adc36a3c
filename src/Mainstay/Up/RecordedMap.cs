using System.Collections.Immutable;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kube;

namespace Mainstay.Up;

/// <summary>
/// The parts of a platform as its run wrote them down: known with every part of it dead, <c>up</c> itself included.
/// </summary>
internal static class RecordedMap
{
    /// <exception cref="KubeconfigException">the data folder's kubeconfig cannot be used</exception>
    public static PlatformMap Of(RunRecord record, DataFolder data)
    {
        var parts = record.HealthUrls
            .Select(pair => PartOf(pair.Key, new Uri(pair.Value)))
            .OfType<PlatformPart>()
            .OrderBy(part => part.Kind)
            .ThenBy(part => part.Instance, StringComparer.Ordinal)
            .ToImmutableArray();
        var kubeconfig = Kubeconfig.Load(data.Kubeconfig);
        return new PlatformMap { Parts = parts }.With(kubeconfig with
        {
            Servers = [.. record.ApiServers.Select(url => new Uri(url))],
        });
    }

    /// <summary>
    /// The names are those of <see cref="PlatformPlan.HealthUrls"/>: <c>router node-1</c>, <c>etcd-0</c>.
    /// </summary>
    internal static PlatformPart? PartOf(string name, Uri health)
    {
        var address = new Uri(health.GetLeftPart(UriPartial.Authority));
        var words = name.Split(' ', 2);
        return words switch
        {
            ["controllers"] => new PlatformPart(PartKind.Controllers, "", address),
            ["console"] => new PlatformPart(PartKind.Console, "", address),
            ["store"] => new PlatformPart(PartKind.Store, "", address),
            ["agent", var node] => new PlatformPart(PartKind.Agent, node, address),
            ["router", var node] => new PlatformPart(PartKind.Router, node, address),
            [var member] when member.StartsWith("etcd-", StringComparison.Ordinal) =>
                new PlatformPart(PartKind.Store, member, address),
            _ => null,
        };
    }
}
