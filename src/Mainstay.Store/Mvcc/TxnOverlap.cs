using Google.Protobuf;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;
using Op = Mainstay.Etcd.Protocol.RequestOp.RequestOneofCase;

namespace Mainstay.Store.Mvcc;

/// <summary>
/// No key may be written twice in a transaction: not put twice, not put and deleted. The two branches of a nested
/// transaction exclude each other and may both put the same key; whoever stands beside or above them may not.
/// </summary>
internal static class TxnOverlap
{
    public static EtcdError? Check(IEnumerable<RequestOp> ops) =>
        TryCollect(ops, new Writes([], [])) ? null : EtcdErrors.DuplicateKey;

    private static bool TryCollect(IEnumerable<RequestOp> ops, Writes writes)
    {
        // Deletes of this level first: they bind the puts of the levels below.
        foreach (var op in ops.Where(op => op.RequestCase == Op.RequestDeleteRange))
        {
            writes.Deleted.Add(new KeyInterval(op.RequestDeleteRange.Key, op.RequestDeleteRange.RangeEnd));
        }

        foreach (var op in ops.Where(op => op.RequestCase == Op.RequestTxn))
        {
            if (!TryCollectNested(op.RequestTxn, writes))
            {
                return false;
            }
        }

        return ops
            .Where(op => op.RequestCase == Op.RequestPut)
            .All(op => !writes.Deletes(op.RequestPut.Key) && writes.Puts.Add(op.RequestPut.Key));
    }

    private static bool TryCollectNested(TxnRequest nested, Writes writes)
    {
        var then = new Writes([], []);
        var otherwise = new Writes([], []);
        if (!TryCollect(nested.Success, then) || !TryCollect(nested.Failure, otherwise))
        {
            return false;
        }

        var puts = new HashSet<ByteString>(then.Puts);
        puts.UnionWith(otherwise.Puts);
        if (puts.Any(key => writes.Deletes(key) || !writes.Puts.Add(key)))
        {
            return false;
        }

        writes.Deleted.AddRange(then.Deleted);
        writes.Deleted.AddRange(otherwise.Deleted);
        return true;
    }

    private sealed record Writes(HashSet<ByteString> Puts, List<KeyInterval> Deleted)
    {
        public bool Deletes(ByteString key) => Deleted.Any(interval => interval.Contains(key.Span));
    }
}
