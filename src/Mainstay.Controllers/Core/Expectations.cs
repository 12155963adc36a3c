using Mainstay.Kube;

namespace Mainstay.Controllers.Core;

/// <summary>
/// The guard against one's own stale cache: after writes for a key, that key is looked at again only when the caches
/// have seen those writes. A pod created at revision 12 is seen once the pods' cache stands at 12 or later; a deleted
/// one once it is gone, terminating or another. Gives up after a while, because a revision can be lost with its store.
/// One loop owns it.
/// </summary>
internal sealed class Expectations(ClusterCaches caches, TimeProvider time)
{
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(30);
    private readonly Dictionary<ObjectKey, List<Expected>> _waiting = [];

    public void Add(ObjectKey key, WriteResult result)
    {
        if (!_waiting.TryGetValue(key, out var expected))
        {
            _waiting[key] = expected = [];
        }
        expected.Add(new Expected(result, time.GetTimestamp()));
    }

    public bool AreMet(ObjectKey key)
    {
        if (!_waiting.TryGetValue(key, out var expected))
        {
            return true;
        }
        expected.RemoveAll(IsMet);
        if (expected.Count > 0)
        {
            return false;
        }
        _waiting.Remove(key);
        return true;
    }

    private bool IsMet(Expected expected)
    {
        if (time.GetElapsedTime(expected.Since) > GiveUpAfter || caches.Of(expected.Result.Kind) is not { } cache)
        {
            return true;
        }
        if (expected.Result.GoneUid is not { } uid)
        {
            return cache.Revision >= expected.Result.Revision;
        }
        return cache.Find(expected.Result.Key) is not { } meta || meta.Uid != uid || meta.DeletionTimestamp is not null;
    }

    private sealed record Expected(WriteResult Result, long Since);
}

/// <summary>What a write has led to: a revision of a kind, or an object that is gone or terminating.</summary>
internal sealed record WriteResult(KubeKind Kind, ObjectKey Key, ulong Revision, string? GoneUid = null);
