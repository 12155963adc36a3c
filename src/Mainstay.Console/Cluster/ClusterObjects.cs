using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Cluster;

// Of each kind, the few fields that a page shows. Readers are tolerant: what they do not know does not matter.

internal sealed record NodeObject(
    string Name, string Zone, string Address, string Ready, string Reason, bool Cordoned, string Version,
    int AgentPort)
{
    public static NodeObject Read(JsonElement json)
    {
        var meta = ObjectMeta.Read(json);
        var status = json.Child("status");
        var ready = status?.Items("conditions").FirstOrDefault(condition => condition.Text("type") == "Ready");
        var address = status?.Items("addresses").FirstOrDefault(item => item.Text("type") == "InternalIP");
        var reason = ready?.Text("message") is { Length: > 0 } message ? message : ready?.Text("reason") ?? "";
        return new NodeObject(
            meta.Key.Name,
            meta.Labels.GetValueOrDefault("topology.kubernetes.io/zone", ""),
            address?.Text("address") ?? "",
            ready?.Text("status") is { Length: > 0 } text ? text : "Unknown",
            reason,
            json.Child("spec")?.Flag("unschedulable") ?? false,
            status?.Child("nodeInfo")?.Text("kubeletVersion") ?? "",
            (int)(status?.Child("daemonEndpoints")?.Child("kubeletEndpoint")?.Number("Port") ?? 0));
    }
}

internal sealed record ServiceObject(ObjectKey Key, ImmutableDictionary<string, string> Selector, string Type)
{
    /// <summary>The customer journeys that go through it.</summary>
    public ImmutableArray<string> Journeys { get; init; } = [];

    /// <summary>What is taken in its place when it fails; empty: nothing.</summary>
    public string Fallback { get; init; } = "";

    public DateTimeOffset? MadeAt { get; init; }

    public static ServiceObject Read(JsonElement json)
    {
        var meta = ObjectMeta.Read(json);
        var spec = json.Child("spec");
        var journeys = meta.Annotations.GetValueOrDefault("mainstay.dev/journeys", "");
        return new ServiceObject(
            meta.Key,
            spec?.Map("selector") ?? ImmutableDictionary<string, string>.Empty,
            spec?.Text("type") ?? "")
        {
            Journeys = [.. journeys.Split(
                ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()],
            Fallback = meta.Annotations.GetValueOrDefault("mainstay.dev/fallback", ""),
            MadeAt = meta.CreationTimestamp,
        };
    }
}

internal sealed record SliceObject(ObjectKey Service, ImmutableArray<string> Ready, ImmutableArray<string> NotReady)
{
    public static SliceObject Read(JsonElement json)
    {
        var meta = ObjectMeta.Read(json);
        var ready = ImmutableArray.CreateBuilder<string>();
        var notReady = ImmutableArray.CreateBuilder<string>();
        foreach (var endpoint in json.Items("endpoints"))
        {
            // An absent condition means ready; terminating endpoints are on their way out.
            var conditions = endpoint.Child("conditions");
            var list = conditions?.Flag("ready") ?? true ? ready : notReady;
            list.AddRange(endpoint.Texts("addresses"));
        }

        var service = meta.Labels.GetValueOrDefault("kubernetes.io/service-name", "");
        return new SliceObject(new ObjectKey(meta.Key.Namespace, service), ready.ToImmutable(), notReady.ToImmutable());
    }
}

/// <summary>What asks for pods: a Deployment, or a DaemonSet, whose number comes from its status.</summary>
internal sealed record WorkloadObject(ObjectKey Key, int Desired, ImmutableDictionary<string, string> PodLabels)
{
    public static WorkloadObject ReadDeployment(JsonElement json) =>
        Of(json, (int)(json.Child("spec")?.Number("replicas") ?? 1));

    public static WorkloadObject ReadDaemonSet(JsonElement json) =>
        Of(json, (int)(json.Child("status")?.Number("desiredNumberScheduled") ?? 0));

    public bool IsSelectedBy(ServiceObject service) =>
        service.Key.Namespace == Key.Namespace && service.Selector.Count > 0
        && service.Selector.All(pair => PodLabels.GetValueOrDefault(pair.Key) == pair.Value);

    private static WorkloadObject Of(JsonElement json, int desired) => new(
        ObjectKey.Of(json),
        desired,
        json.Child("spec")?.Child("template")?.Child("metadata")?.Map("labels")
            ?? ImmutableDictionary<string, string>.Empty);
}

internal sealed record PodObject(ObjectKey Key, string Node, string Phase, bool Ready)
{
    public static PodObject Read(JsonElement json)
    {
        var status = json.Child("status");
        return new PodObject(
            ObjectKey.Of(json),
            json.Child("spec")?.Text("nodeName") ?? "",
            status?.Text("phase") ?? "",
            status?.Items("conditions").Any(c => c.Text("type") == "Ready" && c.Text("status") == "True") ?? false);
    }
}

/// <param name="RenewTime">as the node wrote it; its clock may be off</param>
internal sealed record LeaseObject(ObjectKey Key, DateTimeOffset? RenewTime)
{
    public static LeaseObject Read(JsonElement json) =>
        new(ObjectKey.Of(json), json.Child("spec")?.Time("renewTime"));
}

/// <summary>One template of a Deployment, in the annotations that every Kubernetes writes, and one of ours.</summary>
internal sealed record ReplicaSetObject(
    ObjectKey Key, string Deployment, long Revision, string History, DateTimeOffset? Since, string Image)
{
    public static ReplicaSetObject Read(JsonElement json)
    {
        var meta = ObjectMeta.Read(json);
        var pod = json.Child("spec")?.Child("template")?.Child("spec");
        var since = meta.Annotations.GetValueOrDefault("mainstay.dev/revision-at", "");
        return new ReplicaSetObject(
            meta.Key,
            meta.OwnerReferences.FirstOrDefault(owner => owner.Kind == "Deployment")?.Name ?? "",
            long.TryParse(
                meta.Annotations.GetValueOrDefault("deployment.kubernetes.io/revision", ""),
                CultureInfo.InvariantCulture,
                out var revision) ? revision : 0,
            meta.Annotations.GetValueOrDefault("deployment.kubernetes.io/revision-history", ""),
            DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                ? at
                : null,
            pod?.Items("containers").FirstOrDefault().Text("image") ?? "");
    }
}
