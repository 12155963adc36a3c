using Mainstay.Etcd.Protocol;
using Result = Mainstay.Etcd.Protocol.Compare.Types.CompareResult;
using Target = Mainstay.Etcd.Protocol.Compare.Types.CompareTarget;

namespace Mainstay.Store.Mvcc;

/// <summary>
/// One comparison of a transaction. Over a range it must hold for every key. A key that does not exist compares as
/// one of zeros, except by value: there it never holds, since a missing value is not an empty one.
/// </summary>
internal static class TxnCompare
{
    private static readonly KeyValue Missing = new();

    public static bool Holds(in ReadPoint point, Compare compare)
    {
        var visitor = new Visitor { Compare = compare, Revision = point.Revision };
        var all = KeyTree.Scan(point.Root, new KeyInterval(compare.Key, compare.RangeEnd), ref visitor);
        if (all && !visitor.HasSeen)
        {
            return compare.Target != Target.Value && HoldsFor(compare, Missing);
        }

        return all;
    }

    private static bool HoldsFor(Compare compare, KeyValue kv)
    {
        var order = compare.Target switch
        {
            Target.Version => kv.Version.CompareTo(compare.Version),
            Target.Create => kv.CreateRevision.CompareTo(compare.CreateRevision),
            Target.Mod => kv.ModRevision.CompareTo(compare.ModRevision),
            Target.Lease => kv.Lease.CompareTo(compare.Lease),
            _ => kv.Value.Span.SequenceCompareTo(compare.Value.Span),
        };
        return compare.Result switch
        {
            Result.Equal => order == 0,
            Result.NotEqual => order != 0,
            Result.Greater => order > 0,
            Result.Less => order < 0,
            _ => true,
        };
    }

    private struct Visitor : IKeyVisitor
    {
        public required Compare Compare { get; init; }

        public required long Revision { get; init; }

        public bool HasSeen { get; private set; }

        public bool Visit(KeyVersion newest)
        {
            if (newest.At(Revision) is not { } version)
            {
                return true;
            }

            HasSeen = true;
            return HoldsFor(Compare, version.Kv);
        }
    }
}
