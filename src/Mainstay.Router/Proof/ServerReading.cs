using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kube;
using Mainstay.Router.Discovery;

namespace Mainstay.Router.Proof;

/// <summary>All that one API server says, read by quorum; frozen.</summary>
internal sealed record ServerReading(DiscoveredObjects Objects)
{
    /// <summary>Objects that make no sense.</summary>
    public ImmutableArray<QuarantinedObject> Senseless { get; init; } = [];

    /// <summary>The pods; null where they may not be listed, and then services are judged without them.</summary>
    public ImmutableArray<PodObject>? Pods { get; init; }

    /// <summary>-1 where there is no heartbeat.</summary>
    public long HeartbeatSequence { get; init; } = -1;

    public string SlicesPath { get; init; } = "";

    public string SlicesRevision { get; init; } = "";
}

/// <summary>
/// Lists from one API server: without a revision, which makes it a read by quorum; in pages; and with patience where
/// the server asks for it (429). Not thread safe.
/// </summary>
internal sealed class ServerReader(KubeHttp http, bool strict, TimeProvider time)
{
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(5);

    private readonly List<QuarantinedObject> _senseless = [];
    private long _heartbeat = -1;

    /// <exception cref="Exception">the world's: the server refuses, is silent or answers no list</exception>
    public async Task<ServerReading> ReadAsync(CancellationToken cancellationToken)
    {
        var services = await ListAsync("Service", "/api/v1/services", ServiceObject.Read, cancellationToken);
        var slicesPath = await FindSlicesAsync(cancellationToken);
        var slices = await ListAsync("EndpointSlice", slicesPath, ReadSlice, cancellationToken);
        return new ServerReading(new DiscoveredObjects(
            services.Items.ToImmutableDictionary(service => service.Key),
            slices.Items.ToImmutableDictionary(slice => slice.Key)))
        {
            Pods = await PodsAsync(cancellationToken),
            Senseless = [.. _senseless],
            HeartbeatSequence = _heartbeat,
            SlicesPath = slicesPath,
            SlicesRevision = slices.Revision,
        };
    }

    /// <summary>The sequence in a slice's annotations; -1 for any other slice.</summary>
    public static long HeartbeatOf(JsonElement slice)
    {
        var metadata = slice.Child("metadata");
        return metadata?.Text("name") == ProofLimits.HeartbeatName && metadata?.Text("namespace") == "kube-system" &&
            long.TryParse(metadata?.Map("annotations").GetValueOrDefault("mainstay.dev/sequence"), out var sequence)
            ? sequence : -1;
    }

    private async Task<string> FindSlicesAsync(CancellationToken cancellationToken)
    {
        using var group = await PatientlyAsync("/apis/discovery.k8s.io", cancellationToken);
        var versions = group.RootElement.Items("versions").Select(version => version.Text("version")).ToArray();
        var version = versions.Contains("v1") || !versions.Contains("v1beta1") ? "v1" : "v1beta1";
        return $"/apis/discovery.k8s.io/{version}/endpointslices";
    }

    private SliceObject ReadSlice(JsonElement slice)
    {
        if (HeartbeatOf(slice) is var sequence and >= 0)
        {
            _heartbeat = sequence;
        }

        // What a strict reader makes of it: null is no list. That was the outage of October 2017.
        return strict && slice.TryGetProperty("endpoints", out var endpoints) &&
            endpoints.ValueKind == JsonValueKind.Null
            ? throw new MalformedObjectException("endpoints: a list is expected, Null is there")
            : SliceObject.Read(slice);
    }

    private async Task<ImmutableArray<PodObject>?> PodsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await ListAsync("Pod", "/api/v1/pods", PodObject.Read, cancellationToken)).Items];
        }
        catch (KubeStatusException refused) when (refused.Code == System.Net.HttpStatusCode.Forbidden)
        {
            return null;
        }
    }

    private async Task<(List<T> Items, string Revision)> ListAsync<T>(
        string kind, string path, ObjectReader<T> read, CancellationToken cancellationToken)
    {
        var items = new List<T>();
        var from = "";
        while (true)
        {
            var page = from.Length == 0 ? "" : $"&continue={Uri.EscapeDataString(from)}";
            using var list = await PatientlyAsync(
                $"{path}?limit={Kube.Limits.ListPageObjects}{page}", cancellationToken);
            foreach (var item in list.RootElement.Items("items"))
            {
                Take(kind, item, read, items);
            }

            from = list.RootElement.Child("metadata")?.Text("continue") ?? "";
            if (from.Length == 0)
            {
                return (items, list.RootElement.Child("metadata")?.Text("resourceVersion") ?? "");
            }
        }
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
