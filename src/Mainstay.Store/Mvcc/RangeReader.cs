using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;
using Order = Mainstay.Etcd.Protocol.RangeRequest.Types.SortOrder;
using Target = Mainstay.Etcd.Protocol.RangeRequest.Types.SortTarget;

namespace Mainstay.Store.Mvcc;

/// <summary>
/// Answers a range request. As etcd does it: the count is of all keys of the range, whatever the limit and the bounds
/// on revisions say; bounds and an explicit order apply before the limit; a target other than the key without an
/// order sorts what the limit left.
/// </summary>
internal static class RangeReader
{
    /// <summary>Whether the request can be answered at this point; null if so.</summary>
    public static EtcdError? Check(in ReadPoint point, RangeRequest request)
    {
        if (request.Revision > point.Revision)
        {
            return EtcdErrors.FutureRevision;
        }

        return request.Revision > 0 && request.Revision < point.CompactRevision ? EtcdErrors.Compacted : null;
    }

    /// <summary>The answer to a request that <see cref="Check"/> has passed; its header is the caller's.</summary>
    public static RangeResponse Read(in ReadPoint point, RangeRequest request)
    {
        var isBounded = IsBounded(request);
        var response = new RangeResponse();
        var collector = new Collector
        {
            Response = response,
            Request = request,
            Revision = request.Revision > 0 ? request.Revision : point.Revision,
            IsBounded = isBounded,
            KeysMax = KeysToCollect(request, isBounded),
        };
        KeyTree.Scan(point.Root, new KeyInterval(request.Key, request.RangeEnd), ref collector);
        response.Count = collector.Count;
        Sort(response, request);
        if (request.Limit > 0 && response.Kvs.Count > request.Limit)
        {
            response.More = true;
            while (response.Kvs.Count > request.Limit)
            {
                response.Kvs.RemoveAt(response.Kvs.Count - 1);
            }
        }

        if (request.KeysOnly)
        {
            StripValues(response);
        }

        return response;
    }

    private static long KeysToCollect(RangeRequest request, bool isBounded)
    {
        if (request.CountOnly)
        {
            return 0;
        }

        // One more than the limit tells whether there is more.
        return request.Limit <= 0 || isBounded || request.SortOrder != Order.None ? long.MaxValue : request.Limit + 1;
    }

    private static bool IsBounded(RangeRequest request) =>
        request.MinModRevision != 0 || request.MaxModRevision != 0
        || request.MinCreateRevision != 0 || request.MaxCreateRevision != 0;

    private static bool IsWithinBounds(RangeRequest request, KeyValue kv) =>
        kv.ModRevision >= request.MinModRevision
        && kv.CreateRevision >= request.MinCreateRevision
        && (request.MaxModRevision == 0 || kv.ModRevision <= request.MaxModRevision)
        && (request.MaxCreateRevision == 0 || kv.CreateRevision <= request.MaxCreateRevision);

    private static void Sort(RangeResponse response, RangeRequest request)
    {
        var isDescending = request.SortOrder == Order.Descend;
        if (response.Kvs.Count < 2 || (request.SortTarget == Target.Key && !isDescending))
        {
            return;
        }

        Comparison<KeyValue> compare = request.SortTarget switch
        {
            Target.Version => static (a, b) => a.Version.CompareTo(b.Version),
            Target.Create => static (a, b) => a.CreateRevision.CompareTo(b.CreateRevision),
            Target.Mod => static (a, b) => a.ModRevision.CompareTo(b.ModRevision),
            Target.Value => static (a, b) => a.Value.Span.SequenceCompareTo(b.Value.Span),
            _ => static (a, b) => a.Key.Span.SequenceCompareTo(b.Key.Span),
        };
        var comparer = Comparer<KeyValue>.Create(compare);
        var sorted = isDescending
            ? response.Kvs.OrderDescending(comparer).ToArray()
            : response.Kvs.Order(comparer).ToArray();
        response.Kvs.Clear();
        response.Kvs.AddRange(sorted);
    }

    /// <summary>Last of all: keys may have been sorted by the values that nobody wants. The store's own stay.</summary>
    private static void StripValues(RangeResponse response)
    {
        for (var i = 0; i < response.Kvs.Count; i++)
        {
            var kv = response.Kvs[i];
            response.Kvs[i] = new KeyValue
            {
                Key = kv.Key,
                CreateRevision = kv.CreateRevision,
                ModRevision = kv.ModRevision,
                Version = kv.Version,
                Lease = kv.Lease,
            };
        }
    }

    private struct Collector : IKeyVisitor
    {
        public required RangeResponse Response { get; init; }

        public required RangeRequest Request { get; init; }

        public required long Revision { get; init; }

        public required bool IsBounded { get; init; }

        public required long KeysMax { get; init; }

        public long Count { get; private set; }

        public bool Visit(KeyVersion newest)
        {
            var version = newest.At(Revision);
            if (version is null)
            {
                return true;
            }

            Count++;
            if (Response.Kvs.Count < KeysMax && (!IsBounded || IsWithinBounds(Request, version.Kv)))
            {
                Response.Kvs.Add(version.Kv);
            }

            return true;
        }
    }
}
