using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery.Freshness;

/// <summary>
/// A heartbeat object, one in each kind that routers watch; <c>docs/seams.md</c> has their form. It has no endpoints,
/// no selector and no address, so it is never routed on.
/// </summary>
/// <param name="Sequence">
/// one more each second among the endpoints, the same number every other second among the Services; -1 when it cannot
/// be read
/// </param>
/// <param name="WrittenBy">the router that wrote it, as a subject</param>
internal sealed record Heartbeat(long Sequence, string WrittenBy)
{
    public const string Namespace = "kube-system";
    public const string Name = "mainstay-heartbeat";

    private const string SequenceKey = "mainstay.dev/sequence";
    private const string WrittenByKey = "mainstay.dev/written-by";
    private const string WrittenAtKey = "mainstay.dev/written-at";

    public static readonly ObjectKey Key = new(Namespace, Name);

    /// <summary>A heartbeat that makes no sense has the sequence -1: it says that nothing advances.</summary>
    public static Heartbeat Read(JsonElement kubeObject)
    {
        try
        {
            var annotations = kubeObject.Child("metadata")?.Map("annotations");
            var text = annotations?.GetValueOrDefault(SequenceKey) ?? "";
            var isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence);
            return new Heartbeat(isNumber ? sequence : -1, annotations?.GetValueOrDefault(WrittenByKey) ?? "");
        }
        catch (MalformedObjectException)
        {
            return new Heartbeat(-1, "");
        }
    }

    /// <param name="kind">which kind carries it</param>
    /// <param name="resourceVersion">what it must replace; empty to create it</param>
    /// <param name="writtenAt">for people; no reader relies on it</param>
    public JsonObject ToJson(WatchedKind kind, string resourceVersion, DateTimeOffset writtenAt)
    {
        var metadata = new JsonObject
        {
            ["namespace"] = Namespace,
            ["name"] = Name,
            ["labels"] = Labels(kind),
            ["annotations"] = new JsonObject
            {
                [SequenceKey] = Sequence.ToString(CultureInfo.InvariantCulture),
                [WrittenByKey] = WrittenBy,
                [WrittenAtKey] = KubeTime.Text(writtenAt),
            },
        };
        if (resourceVersion.Length > 0)
        {
            metadata["resourceVersion"] = resourceVersion;
        }

        var json = new JsonObject
        {
            ["apiVersion"] = kind.ApiVersion,
            ["kind"] = kind.Kind,
            ["metadata"] = metadata,
        };
        if (kind.IsSlices)
        {
            json["addressType"] = "IPv4";
            json["endpoints"] = new JsonArray();
            json["ports"] = new JsonArray();
        }
        else if (kind == WatchedKind.Services)
        {
            // Headless and without a selector: no address is given out for it, and nobody makes endpoints of it.
            json["spec"] = new JsonObject { ["clusterIP"] = "None" };
        }

        return json;
    }

    private static JsonObject Labels(WatchedKind kind)
    {
        var labels = new JsonObject { ["mainstay.dev/heartbeat"] = "true" };
        if (kind.IsSlices)
        {
            labels["endpointslice.kubernetes.io/managed-by"] = "mainstay.dev";
        }
        else if (kind == WatchedKind.Endpoints)
        {
            // Kubernetes would write a slice with each beat, for the Service of this name has no selector.
            labels["endpointslice.kubernetes.io/skip-mirror"] = "true";
        }

        return labels;
    }
}

/// <summary>Times as Kubernetes writes them.</summary>
internal static class KubeTime
{
    /// <summary>RFC 3339 with microseconds, which Leases ask for and everything else takes.</summary>
    public static string Text(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
