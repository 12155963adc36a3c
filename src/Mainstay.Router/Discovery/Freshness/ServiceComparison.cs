using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery.Freshness;

/// <summary>A quorum list of Services, and which of them the watch had not told. Frozen.</summary>
/// <param name="Revision">of the list</param>
/// <param name="Versions">the resourceVersion of each service</param>
internal sealed record ServiceComparison(string Revision, ImmutableDictionary<ObjectKey, string> Versions)
{
    /// <summary>
    /// Of a list's pages; what has no name cannot be compared and is left out, and the heartbeat is no service.
    /// </summary>
    public static ServiceComparison Of(IEnumerable<JsonElement> items, string revision)
    {
        var versions = ImmutableDictionary.CreateBuilder<ObjectKey, string>();
        foreach (var item in items)
        {
            if (TryRead(item) is { } read && read.Key != Heartbeat.Key)
            {
                versions[read.Key] = read.Value;
            }
        }

        return new ServiceComparison(revision, versions.ToImmutable());
    }

    /// <summary>
    /// The services that are newer in the list than known, unknown, or known and gone; those quarantined are none of
    /// it, for they are known and cannot be read.
    /// </summary>
    public ImmutableArray<ObjectKey> Behind(
        ImmutableDictionary<ObjectKey, ServiceObject> known, IEnumerable<ObjectKey> quarantined)
    {
        var barred = quarantined.ToHashSet();
        var older = Versions.Where(listed => !barred.Contains(listed.Key)
            && (!known.TryGetValue(listed.Key, out var have)
                || ResourceVersion.IsOlder(have.ResourceVersion, listed.Value)));
        // One that was made after the list is not in it, and is no fault.
        var gone = known.Values.Where(service => !Versions.ContainsKey(service.Key)
            && ResourceVersion.IsOlder(service.ResourceVersion, Revision));
        return [.. older.Select(listed => listed.Key), .. gone.Select(service => service.Key)];
    }

    private static KeyValuePair<ObjectKey, string>? TryRead(JsonElement item)
    {
        try
        {
            var version = item.Child("metadata")?.Text("resourceVersion") ?? "";
            return KeyValuePair.Create(ObjectKey.Of(item), version);
        }
        catch (MalformedObjectException)
        {
            return null;
        }
    }
}
