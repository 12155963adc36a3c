using System.Collections.Concurrent;
using System.Text.Json;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.Endpoints;
using Mainstay.Kube;

namespace Mainstay.Controllers.Routed;

/// <summary>
/// Since which revision a pod stands in the endpoints of a service, and since which as ready:
/// <code>
///     slice at 110 lists p, not ready     listed since 110
///     slice at 117 lists p and q          p still since 110: a router that stands at 112 has p
///     slice at 121 lists p as ready       ready since 121
///     slice at 130 lists p as not ready   listed since 110, ready since nothing
/// </code>
/// One that starts anew takes the revision it finds, which is later, and so asks more of the routers, never less.
/// The reflector's loop writes; anybody reads.
/// </summary>
internal sealed class PodListings
{
    private readonly ConcurrentDictionary<(ObjectKey Service, string PodUid), Listing> _listings = new();

    /// <summary>Null while no slice of the service lists the pod.</summary>
    public Listing? Find(ObjectKey service, string podUid) => _listings.GetValueOrDefault((service, podUid));

    public void Wire(ClusterCaches caches, bool hasSlices)
    {
        if (hasSlices)
        {
            caches.EndpointSlices.Objects.AddListener(change => Take(change, ReadSlice));
        }
        else
        {
            caches.Endpoints.Objects.AddListener(change => Take(change, ReadEndpoints));
        }
    }

    public void Take(CacheChange<Bare> change, Func<Bare, Listed> read)
    {
        var (old, fresh) = (Read(change.Old, read), Read(change.New, read));
        foreach (var uid in old.Ready.Keys)
        {
            if (old.Service != fresh.Service || !fresh.Ready.ContainsKey(uid))
            {
                Remove((old.Service, uid), change.Key);
            }
        }
        var revision = Revisions.Parse(change.New?.Metadata.ResourceVersion);
        foreach (var (uid, isReady) in fresh.Ready)
        {
            _listings.AddOrUpdate((fresh.Service, uid),
                _ => new Listing(change.Key, revision, isReady ? revision : null),
                (_, known) => new Listing(change.Key, known.ListedAt,
                    isReady ? known.ReadyAt ?? revision : null));
        }
    }

    /// <summary>A pod that has moved to another slice is listed there already.</summary>
    private void Remove((ObjectKey Service, string PodUid) key, ObjectKey slice)
    {
        if (_listings.TryGetValue(key, out var listing) && listing.Slice == slice)
        {
            _listings.TryRemove(new(key, listing));
        }
    }

    /// <summary>A slice that makes no sense lists nobody, and harms only those who wait to be in it.</summary>
    private static Listed Read(Bare? from, Func<Bare, Listed> read)
    {
        try
        {
            return from is null ? Listed.Nobody : read(from);
        }
        catch (MalformedObjectException)
        {
            return Listed.Nobody;
        }
    }

    public static Listed ReadSlice(Bare slice)
    {
        var service = slice.Metadata.Labels is { } labels
            && labels.TryGetValue(EndpointSliceReconciler.ServiceLabel, out var name) ? name : "";
        var ready = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var endpoint in slice.Raw.Items("endpoints"))
        {
            // Absent readiness means ready, as Kubernetes has it.
            Note(ready, endpoint, endpoint.Child("conditions")?.Flag("ready") ?? true);
        }
        return new Listed(new ObjectKey(slice.Metadata.NamespaceProperty ?? "", service), ready);
    }

    public static Listed ReadEndpoints(Bare endpoints)
    {
        var ready = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var subset in endpoints.Raw.Items("subsets"))
        {
            foreach (var address in subset.Items("notReadyAddresses"))
            {
                Note(ready, address, false);
            }
            foreach (var address in subset.Items("addresses"))
            {
                Note(ready, address, true);
            }
        }
        return new Listed(endpoints.Metadata.Key(), ready);
    }

    private static void Note(Dictionary<string, bool> ready, JsonElement endpoint, bool isReady)
    {
        if (endpoint.Child("targetRef")?.Text("uid") is { Length: > 0 } uid)
        {
            ready[uid] = isReady;
        }
    }
}

/// <param name="Slice">where it stands now</param>
/// <param name="ListedAt">since this revision it stands there, at whatever readiness</param>
/// <param name="ReadyAt">since this revision it stands there as ready, without a break; null while it does not</param>
internal sealed record Listing(ObjectKey Slice, ulong ListedAt, ulong? ReadyAt);

/// <summary>The pods of one slice, by uid, and whether each is ready.</summary>
internal sealed record Listed(ObjectKey Service, IReadOnlyDictionary<string, bool> Ready)
{
    public static Listed Nobody { get; } = new(new ObjectKey("", ""), new Dictionary<string, bool>());
}
