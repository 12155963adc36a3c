using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Storage;
using Mainstay.ApiServer.Watch;

namespace Mainstay.ApiServer.Http;

/// <summary>
/// get and list. What a resourceVersion means: none, the newest, proven by quorum; 0, whatever is at hand, even while
/// the store is away; N, not older than N.
/// </summary>
internal sealed class ReadEndpoint(ObjectStore store, WatchCaches caches, ObjectResponse response)
{
    public async Task GetAsync(ApiRequest request) =>
        await response.WriteAsync(request, await ReadAsync(request));

    /// <summary>The object the path names, as fresh as the query asks.</summary>
    public async Task<StoredObject> ReadAsync(ApiRequest request)
    {
        var text = request.Http.Request.Query["resourceVersion"].ToString();
        var found = text.Length > 0 && ListQuery.Parse(request.Http.Request.Query, request.Type, false)
            is { ResourceVersion: { } revision }
            ? await FromCacheAsync(request, revision)
            : await store.GetAsync(request.Type, request.Key, request.Aborted);
        return found ?? throw new RefusedException(KubeStatus.NotFound(request.Subject));
    }

    public async Task ListAsync(ApiRequest request)
    {
        var query = ListQuery.Parse(request.Http.Request.Query, request.Type, isWatch: false);
        if (MayUseCache(query))
        {
            await ListFromCacheAsync(request, query);
            return;
        }

        var (objects, meta) = await ReadListAsync(request, query);
        await response.WriteListAsync(request, objects, meta);
    }

    /// <summary>Every object the request selects, by quorum: what deletecollection deletes.</summary>
    public async Task<(IReadOnlyList<StoredObject> Objects, ListMeta Meta)> ReadListAsync(
        ApiRequest request, ListQuery query)
    {
        var prefix = PrefixOf(request.Type, request.Info.Namespace, query.Filter);
        var range = StartOf(query, prefix);
        var found = new List<StoredObject>();
        while (true)
        {
            var left = query.Limit == 0 ? long.MaxValue : query.Limit - found.Count;
            var part = await store.ListAsync(
                request.Type, range with { Limit = Math.Min(left, Limits.ListPageObjectsMax) }, request.Aborted);
            if (part is null)
            {
                throw Expired(query, range, prefix);
            }

            if (query.ResourceVersion > part.Revision)
            {
                throw new RefusedException(KubeStatus.RevisionTooLarge(query.ResourceVersion.Value, part.Revision));
            }

            found.AddRange(part.Objects.Where(query.Filter.Matches));
            if (part.NextKey is null)
            {
                return (found, new ListMeta(part.Revision, "", null));
            }

            if (query.Limit > 0 && found.Count >= query.Limit)
            {
                var next = new ContinueToken(part.Revision, part.NextKey).Encode(prefix);
                long? remaining = query.Filter.IsEverything ? part.RemainingCount : null;
                return (found, new ListMeta(part.Revision, next, remaining));
            }

            // later parts are of the revision of the first
            range = range with { StartKey = part.NextKey, Revision = part.Revision };
        }
    }

    private async Task ListFromCacheAsync(ApiRequest request, ListQuery query)
    {
        var cache = await caches.SyncedOfAsync(request.Type, request.Aborted);
        await WaitForAsync(cache, query.ResourceVersion ?? 0, request.Aborted);
        var snapshot = cache.Snapshot();
        var prefix = PrefixOf(request.Type, request.Info.Namespace, query.Filter);
        List<StoredObject> objects =
        [
            .. snapshot.Objects.Values.Where(
                one => one.Key.StartsWith(prefix, StringComparison.Ordinal) && query.Filter.Matches(one)),
        ];
        await response.WriteListAsync(request, objects, new ListMeta(snapshot.Revision, "", null));
    }

    private async Task<StoredObject?> FromCacheAsync(ApiRequest request, long revision)
    {
        var cache = await caches.SyncedOfAsync(request.Type, request.Aborted);
        await WaitForAsync(cache, revision, request.Aborted);
        return cache.Snapshot().Objects.GetValueOrDefault(request.Key);
    }

    /// <summary>Waits until the cache has reached the revision; a refusal with 504 when it does not.</summary>
    public static async Task WaitForAsync(WatchCache cache, long revision, CancellationToken cancellationToken)
    {
        if (!await cache.WaitForAsync(revision, Limits.FreshnessWait, cancellationToken))
        {
            throw new RefusedException(KubeStatus.RevisionTooLarge(revision, cache.Revision));
        }
    }

    /// <summary>The narrowest prefix that holds everything a filter may match.</summary>
    public static string PrefixOf(ResourceType type, string ns, ObjectFilter filter) =>
        type.StorageListPrefix(ns.Length > 0 ? ns : filter.OnlyNamespace ?? "");

    // A limit asks for parts, which the cache cannot pin to a revision; for "whatever is at hand" all is a good answer.
    private static bool MayUseCache(ListQuery query) =>
        query.ResourceVersion is { } revision && query.Continue.Length == 0
        && query.Match != RevisionMatch.Exact && (revision == 0 || query.Limit == 0);

    private static ListRange StartOf(ListQuery query, string prefix)
    {
        if (query.Continue.Length > 0)
        {
            var token = ContinueToken.Decode(query.Continue, prefix)
                ?? throw new RefusedException(
                    KubeStatus.BadRequest("continue key is not valid: it is not one of this list's"));
            return new ListRange(prefix, token.StartKey, 0, Math.Max(0, token.Revision));
        }

        // kube-apiserver's oldest rule: a revision with a limit and without a match means exactly that revision
        var isExact = query.Match == RevisionMatch.Exact || (query.Match == RevisionMatch.Unset && query.Limit > 0);
        return new ListRange(prefix, "", 0, isExact ? query.ResourceVersion ?? 0 : 0);
    }

    private static RefusedException Expired(ListQuery query, ListRange range, string prefix) => new(
        query.Continue.Length > 0 || range.StartKey.Length > 0
            ? KubeStatus.ContinueExpired(new ContinueToken(-1, range.StartKey).Encode(prefix))
            : KubeStatus.RevisionCompacted());
}
