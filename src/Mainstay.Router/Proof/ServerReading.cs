using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kube;
using Mainstay.Router.Discovery;
using Mainstay.Router.Discovery.Freshness;

namespace Mainstay.Router.Proof;

/// <summary>All that one API server says, read by quorum; frozen.</summary>
internal sealed record ServerReading(DiscoveredObjects Objects)
{
    /// <summary>Objects that make no sense.</summary>
    public ImmutableArray<QuarantinedObject> Senseless { get; init; } = [];

    /// <summary>The pods; null where they may not be listed, and then services are judged without them.</summary>
    public ImmutableArray<PodObject>? Pods { get; init; }

    /// <summary>The list that endpoints were read from.</summary>
    public KindReading Endpoints { get; init; } = new(WatchedKind.Endpoints, "");

    /// <summary>The list of Services.</summary>
    public KindReading Services { get; init; } = new(WatchedKind.Services, "");
}

/// <summary>What a list says of the freshness of its kind.</summary>
/// <param name="Kind">what was listed</param>
/// <param name="Revision">of the list: a watch goes on from there</param>
internal sealed record KindReading(WatchedKind Kind, string Revision)
{
    /// <summary>-1 where there is no heartbeat.</summary>
    public long Sequence { get; init; } = -1;
}

/// <summary>
/// Lists from one API server: without a revision, which makes it a read by quorum; in pages; and with patience where
/// the server asks for it (429). Not thread safe.
/// </summary>
internal sealed class ServerReader(KubeHttp http, bool strict, string wantedKind, TimeProvider time)
{
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(5);

    private static readonly WatchedKind Pods = new("Pod", "v1", "/api/v1/pods");

    private readonly List<QuarantinedObject> _senseless = [];

    /// <exception cref="Exception">the world's: the server refuses, is silent or answers no list</exception>
    public async Task<ServerReading> ReadAsync(CancellationToken cancellationToken)
    {
        ObjectReader<ServiceObject> readService = strict ? StrictReading.Of(ServiceObject.Read) : ServiceObject.Read;
        var services = await ListAsync(WatchedKind.Services, readService, cancellationToken);
        var kind = await EndpointKind.ReadAsync(wantedKind, path => PatientlyAsync(path, cancellationToken));
        var endpoints = await ListAsync(kind, ReaderOf(kind), cancellationToken);
        return new ServerReading(new DiscoveredObjects(
            services.Items.Where(service => service.Heartbeat is null).ToImmutableDictionary(service => service.Key),
            endpoints.Items.SelectMany(set => set.Slices).ToImmutableDictionary(slice => slice.Key)))
        {
            Pods = await PodsAsync(cancellationToken),
            Senseless = [.. _senseless],
            Endpoints = Listed(kind, endpoints),
            Services = Listed(WatchedKind.Services, services),
        };
    }

    private static KindReading Listed<T>(WatchedKind kind, (List<T> Items, string Revision) list)
        where T : IDiscoveryObject => new(kind, list.Revision)
    {
        Sequence = list.Items.Max(item => item.Heartbeat?.Sequence) ?? -1,
    };

    /// <summary>The sequence of the heartbeat; -1 for any other object.</summary>
    public static long HeartbeatOf(JsonElement kubeObject)
    {
        try
        {
            return ObjectKey.Of(kubeObject) == Heartbeat.Key ? Heartbeat.Read(kubeObject).Sequence : -1;
        }
        catch (MalformedObjectException)
        {
            return -1;
        }
    }

    private ObjectReader<SliceSet> ReaderOf(WatchedKind kind)
    {
        ObjectReader<SliceSet> read = kind.IsSlices ? SliceSet.ReadSlice : EndpointsObject.Read;
        return strict ? StrictReading.Of(read) : read;
    }

    private async Task<ImmutableArray<PodObject>?> PodsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await ListAsync(Pods, PodObject.Read, cancellationToken)).Items];
        }
        catch (KubeStatusException refused) when (refused.Code == System.Net.HttpStatusCode.Forbidden)
        {
            return null;
        }
    }

    private async Task<(List<T> Items, string Revision)> ListAsync<T>(
        WatchedKind kind, ObjectReader<T> read, CancellationToken cancellationToken)
    {
        var items = new List<T>();
        var revision = await ListPages.ReadAsync(
            kind.Path, path => PatientlyAsync(path, cancellationToken), item => Take(kind.Kind, item, read, items));
        return (items, revision);
    }

    private void Take<T>(string kind, JsonElement item, ObjectReader<T> read, List<T> into)
    {
        try
        {
            into.Add(read(item));
        }
        catch (Exception fault) when (fault is MalformedObjectException or InvalidOperationException
            or FormatException or ArgumentException)
        {
            _senseless.Add(new QuarantinedObject(kind, KeyOf(item), fault.Message, time.GetUtcNow()));
        }
    }

    private static ObjectKey KeyOf(JsonElement item)
    {
        try
        {
            return ObjectKey.Of(item);
        }
        catch (MalformedObjectException)
        {
            return new ObjectKey("", "(without a name)");
        }
    }

    /// <summary>A server that asks for patience gets it: a proof must never be what breaks it.</summary>
    private async Task<JsonDocument> PatientlyAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await http.GetAsync(path, cancellationToken);
            }
            catch (KubeStatusException busy) when (busy.Code == System.Net.HttpStatusCode.TooManyRequests)
            {
                var asked = busy.RetryAfter ?? TimeSpan.FromSeconds(1);
                await Task.Delay(asked < PauseMax ? asked : PauseMax, time, cancellationToken);
            }
        }
    }
}
