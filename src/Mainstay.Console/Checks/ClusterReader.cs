using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Checks;

/// <summary>All that was read of a cluster for its checks.</summary>
/// <param name="Servers">each API server by itself</param>
/// <param name="Lists">each kind once, from the first API server that answers</param>
/// <param name="At">when</param>
public sealed record ClusterFacts(
    ImmutableArray<ApiServerReading> Servers, ImmutableArray<ObjectList> Lists, DateTimeOffset At)
{
    public ObjectList Of(ListedKind kind) =>
        Lists.FirstOrDefault(list => list.Kind == kind) ?? ObjectList.Failed(kind, "no API server answers");
}

/// <summary>
/// Reads a cluster with GET only, so that looking changes nothing. Each request has a deadline; servers are read side
/// by side, the kinds of one after the other, so that a check is no burst of load.
/// </summary>
public sealed class ClusterReader(Kubeconfig kubeconfig, TimeProvider time)
{
    private static readonly ImmutableArray<ListedKind> Agreed =
        [ListedKind.Services, ListedKind.Endpoints, ListedKind.Slices, ListedKind.OldSlices, ListedKind.Leases];

    private static readonly ImmutableArray<ListedKind> Listed =
    [
        ListedKind.Services, ListedKind.Endpoints, ListedKind.Slices, ListedKind.OldSlices, ListedKind.Deployments,
        ListedKind.StatefulSets, ListedKind.DaemonSets, ListedKind.Leases,
    ];

    public async Task<ClusterFacts> ReadAsync(CancellationToken cancellationToken)
    {
        var readings = await Task.WhenAll(kubeconfig.Servers.Select(server =>
            ReadServerAsync(new ApiServerReading(server, ServerSource.Kubeconfig), cancellationToken)));
        var lists = ImmutableArray<ObjectList>.Empty;
        if (readings.FirstOrDefault(reading => reading.Answers) is { } first)
        {
            using var api = Open(first.Server);
            lists = await ListAllAsync(api, cancellationToken);
            var others = Behind(lists).Where(found => !kubeconfig.Servers.Contains(found));
            var more = await Task.WhenAll(others.Select(server =>
                ReadServerAsync(new ApiServerReading(server, ServerSource.ClusterEndpoints), cancellationToken)));
            readings = [.. readings, .. more];
        }

        return new ClusterFacts([.. readings], lists, time.GetUtcNow());
    }

    private static async Task<ImmutableArray<ObjectList>> ListAllAsync(
        KubeHttp api, CancellationToken cancellationToken)
    {
        var lists = ImmutableArray.CreateBuilder<ObjectList>();
        foreach (var kind in Listed)
        {
            lists.Add(await ListAsync(api, kind, "", cancellationToken));
        }

        return lists.ToImmutable();
    }

    private async Task<ApiServerReading> ReadServerAsync(ApiServerReading reading, CancellationToken cancellationToken)
    {
        using var api = Open(reading.Server);
        try
        {
            var live = await StateAsync(api, "/livez", cancellationToken);
            var ready = await StateAsync(api, "/readyz", cancellationToken);
            var startedAt = time.GetTimestamp();
            var version = await VersionAsync(api, cancellationToken);
            var latency = time.GetElapsedTime(startedAt);
            var caches = ImmutableArray.CreateBuilder<CacheReading>();
            foreach (var kind in Agreed)
            {
                caches.Add(await ReadCacheAsync(api, kind, cancellationToken));
            }

            return reading with
            {
                LiveFault = live,
                ReadyFault = ready,
                Version = version,
                Latency = latency,
                Caches = caches.ToImmutable(),
            };
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested
            && fault is HttpRequestException or TimeoutException or IOException)
        {
            var cause = fault.GetBaseException();
            return reading with
            {
                Fault = cause.Message,
                Refused = cause is SocketException { SocketErrorCode: SocketError.ConnectionRefused },
            };
        }
    }

    /// <summary>Once more after a moment where the cache lags: it is milliseconds behind by its nature.</summary>
    private async Task<CacheReading> ReadCacheAsync(KubeHttp api, ListedKind kind, CancellationToken cancellationToken)
    {
        for (var turn = 1; ; turn++)
        {
            var before = await ListAsync(api, kind, "", cancellationToken);
            if (!before.Known)
            {
                return new CacheReading(before, before, before);
            }

            var cached = await ListAsync(api, kind, "?resourceVersion=0", cancellationToken);
            var after = await ListAsync(api, kind, "", cancellationToken);
            var reading = new CacheReading(before, cached, after);
            if (turn == Limits.CacheTurns || CacheAgreement.Disagreements(reading).IsEmpty)
            {
                return reading;
            }

            await Task.Delay(Limits.CacheTurnPause, time, cancellationToken);
        }
    }

    /// <returns>empty when it answers 200</returns>
    private static async Task<string> StateAsync(KubeHttp api, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await api.OpenAsync(new KubeRequest(HttpMethod.Get, path), cancellationToken);
            return "";
        }
        catch (KubeStatusException fault)
        {
            return $"{path} answers {(int)fault.Code} {fault.Reason}".TrimEnd();
        }
    }

    private static async Task<string> VersionAsync(KubeHttp api, CancellationToken cancellationToken)
    {
        try
        {
            using var version = await api.GetAsync("/version", cancellationToken);
            return version.RootElement.Text("gitVersion");
        }
        catch (Exception fault) when (fault is KubeStatusException or JsonException or MalformedObjectException)
        {
            return "";
        }
    }

    private static async Task<ObjectList> ListAsync(
        KubeHttp api, ListedKind kind, string query, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await api.GetAsync(kind.Path + query, cancellationToken);
            var items = answer.RootElement.ValueKind == JsonValueKind.Object
                && answer.RootElement.TryGetProperty("items", out var found) ? found : default;
            return items.ValueKind switch
            {
                JsonValueKind.Array => new ObjectList(kind,
                    [.. items.EnumerateArray().Select(item => item.Clone())], ""),
                JsonValueKind.Undefined => new ObjectList(kind, [], "") { Shape = "are absent" },
                JsonValueKind.Null => new ObjectList(kind, [], "") { Shape = "are null" },
                var other => new ObjectList(kind, [], "") { Shape = $"are {other} and no list" },
            };
        }
        catch (KubeStatusException fault) when (fault.Code == HttpStatusCode.NotFound)
        {
            return new ObjectList(kind, [], "") { NotServed = true };
        }
        catch (KubeStatusException fault)
        {
            return ObjectList.Failed(kind, fault.Message);
        }
        catch (JsonException fault)
        {
            return ObjectList.Failed(kind, $"the list is no JSON: {fault.Message}");
        }
    }

    /// <summary>The API servers that the cluster itself knows.</summary>
    private static IEnumerable<Uri> Behind(ImmutableArray<ObjectList> lists)
    {
        var own = lists.First(list => list.Kind == ListedKind.Endpoints).Items.FirstOrDefault(item =>
            ObjectScan.NameOf(item) == "default/kubernetes");
        if (own.ValueKind != JsonValueKind.Object || ObjectScan.Scan(new ObjectList(ListedKind.Endpoints, [own], ""))
            .Any(finding => finding.Senseless))
        {
            return [];
        }

        return own.Items("subsets").SelectMany(subset => subset.Items("addresses").SelectMany(address =>
            subset.Items("ports").Select(port => (Ip: address.Text("ip"), Port: port.Number("port")))))
            .Select(at => Uri.TryCreate($"https://{Host(at.Ip)}:{at.Port}/", UriKind.Absolute, out var uri) ? uri
                : null)
            .OfType<Uri>()
            .Distinct();
    }

    private static string Host(string ip) => ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]" : ip;

    private KubeHttp Open(Uri server) => KubeHttp.Create(
        kubeconfig with { Servers = [server] },
        new KubeHttpOptions
        {
            ConnectTimeout = Limits.CheckConnectDeadline,
            RequestTimeout = Limits.CheckDeadline,
            HeadersTimeout = Limits.CheckDeadline,
            UserAgent = "mainstay-check",
            Time = time,
        });
}
