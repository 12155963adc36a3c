using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>What is read of a Pod, where a router has to know whether anybody stands behind a service.</summary>
internal sealed record PodObject(ObjectKey Key, string Uid)
{
    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    public string Ip { get; init; } = "";

    public bool Ready { get; init; }

    /// <summary>It has not ended and nobody has asked it to.</summary>
    public bool IsAlive { get; init; }

    /// <summary>It could not be read: all that is known is that there is such a pod.</summary>
    public bool IsSenseless { get; init; }

    /// <summary>Reads what can be read: one bad pod must not hide the others of its list.</summary>
    public static PodObject ReadLeniently(JsonElement pod)
    {
        try
        {
            return Read(pod);
        }
        catch (Exception fault) when (fault is MalformedObjectException or InvalidOperationException)
        {
            return new PodObject(new ObjectKey("", ""), UidOf(pod)) { IsAlive = true, IsSenseless = true };
        }
    }

    /// <exception cref="MalformedObjectException">naming the field that makes no sense</exception>
    public static PodObject Read(JsonElement pod)
    {
        var metadata = pod.Child("metadata");
        var status = pod.Child("status");
        var ready = false;
        foreach (var condition in status?.Items("conditions") ?? [])
        {
            ready |= condition.Text("type") == "Ready" && condition.Text("status") == "True";
        }

        var isAlive = status?.Text("phase") is not ("Succeeded" or "Failed") &&
            (metadata?.Text("deletionTimestamp") ?? "").Length == 0;
        return new PodObject(ObjectKey.Of(pod), metadata?.Text("uid") ?? "")
        {
            Labels = metadata?.Map("labels") ?? ImmutableDictionary<string, string>.Empty,
            Ip = status?.Text("podIP") ?? "",
            Ready = ready && isAlive,
            IsAlive = isAlive,
        };
    }

    /// <summary>Empty where not even that can be read.</summary>
    private static string UidOf(JsonElement pod)
    {
        try
        {
            return pod.Child("metadata")?.Text("uid") ?? "";
        }
        catch (Exception fault) when (fault is MalformedObjectException or InvalidOperationException)
        {
            return "";
        }
    }

    /// <summary>Whether a Service's selector means it; an empty one means nobody.</summary>
    public bool IsSelectedBy(ServiceObject service) =>
        Key.Namespace == service.Key.Namespace && service.Selector.Count > 0 &&
        service.Selector.All(label => Labels.TryGetValue(label.Key, out var value) && value == label.Value);
}
