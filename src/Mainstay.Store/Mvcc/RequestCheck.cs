using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;
using Op = Mainstay.Etcd.Protocol.RequestOp.RequestOneofCase;

namespace Mainstay.Store.Mvcc;

/// <summary>What can be said of a request without looking at the store; null means well formed.</summary>
internal static class RequestCheck
{
    public static EtcdError? Check(RangeRequest request)
    {
        if (request.Key.IsEmpty)
        {
            return EtcdErrors.EmptyKey;
        }

        return Enum.IsDefined(request.SortOrder) && Enum.IsDefined(request.SortTarget)
            ? null
            : EtcdErrors.InvalidSortOption;
    }

    public static EtcdError? Check(PutRequest request)
    {
        if (request.Key.IsEmpty)
        {
            return EtcdErrors.EmptyKey;
        }

        if (request.IgnoreValue && !request.Value.IsEmpty)
        {
            return EtcdErrors.ValueProvided;
        }

        return request.IgnoreLease && request.Lease != 0 ? EtcdErrors.LeaseProvided : null;
    }

    public static EtcdError? Check(DeleteRangeRequest request) =>
        request.Key.IsEmpty ? EtcdErrors.EmptyKey : null;

    public static EtcdError? Check(TxnRequest request) =>
        CheckOps(request, Limits.TxnOpsMax)
        ?? TxnOverlap.Check(request.Success)
        ?? TxnOverlap.Check(request.Failure);

    private static EtcdError? CheckOps(TxnRequest request, int opsMax)
    {
        var ops = Math.Max(request.Compare.Count, Math.Max(request.Success.Count, request.Failure.Count));
        if (ops > opsMax)
        {
            return EtcdErrors.TooManyOps;
        }

        if (request.Compare.Any(compare => compare.Key.IsEmpty))
        {
            return EtcdErrors.EmptyKey;
        }

        foreach (var op in request.Success.Concat(request.Failure))
        {
            if (CheckOp(op, opsMax - ops) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private static EtcdError? CheckOp(RequestOp op, int opsMax) => op.RequestCase switch
    {
        Op.RequestRange => Check(op.RequestRange),
        Op.RequestPut => Check(op.RequestPut),
        Op.RequestDeleteRange => Check(op.RequestDeleteRange),
        Op.RequestTxn => CheckOps(op.RequestTxn, opsMax),
        // etcd's word for an operation that is empty.
        _ => EtcdErrors.KeyNotFound,
    };
}
