using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Store.Mvcc;

/// <summary>
/// Puts and deletes in a draft, alone or inside a transaction. Headers and ending the transaction are the caller's.
/// </summary>
internal static class KvWriter
{
    /// <summary>Whether the put can be done; null if so.</summary>
    public static EtcdError? Check(MvccDraft draft, PutRequest request)
    {
        if ((request.IgnoreValue || request.IgnoreLease) && draft.Find(request.Key) is not { IsDeletion: false })
        {
            return EtcdErrors.KeyNotFound;
        }

        return request.Lease != 0 && draft.Leases.Find(request.Lease) is null ? EtcdErrors.LeaseNotFound : null;
    }

    /// <summary>Carries out a put that <see cref="Check"/> has passed.</summary>
    public static PutResponse Put(MvccDraft draft, PutRequest request)
    {
        // What is ignored is taken from the key as it is, which the check has found.
        var now = request.IgnoreValue || request.IgnoreLease ? draft.Find(request.Key)!.Kv : null;
        var before = draft.Put(
            request.Key,
            request.IgnoreValue ? now!.Value : request.Value,
            request.IgnoreLease ? now!.Lease : request.Lease);
        return new PutResponse { PrevKv = request.PrevKv ? before : null };
    }

    public static DeleteRangeResponse Delete(MvccDraft draft, DeleteRangeRequest request)
    {
        var collector = new LiveKeys { Found = [], Revision = draft.ReadPoint.Revision };
        KeyTree.Scan(draft.ReadPoint.Root, new KeyInterval(request.Key, request.RangeEnd), ref collector);
        var response = new DeleteRangeResponse { Deleted = collector.Found.Count };
        foreach (var live in collector.Found)
        {
            draft.Delete(live);
            if (request.PrevKv)
            {
                response.PrevKvs.Add(live.Kv);
            }
        }

        return response;
    }

    private struct LiveKeys : IKeyVisitor
    {
        public required List<KeyVersion> Found { get; init; }

        public required long Revision { get; init; }

        public readonly bool Visit(KeyVersion newest)
        {
            if (newest.At(Revision) is { } live)
            {
                Found.Add(live);
            }

            return true;
        }
    }
}
