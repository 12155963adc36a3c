using Google.Protobuf.Collections;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;
using Op = Mainstay.Etcd.Protocol.RequestOp.RequestOneofCase;

namespace Mainstay.Store.Mvcc;

/// <summary>
/// Runs a checked transaction. All comparisons, nested ones too, look at the store as it is before the transaction;
/// what can fail is then looked for on the branches that will run; only then is anything changed, so that a
/// transaction fails whole.
/// </summary>
internal static class TxnRunner
{
    /// <summary>Whether every comparison holds.</summary>
    public static bool Holds(in ReadPoint point, RepeatedField<Compare> compares)
    {
        foreach (var compare in compares)
        {
            if (!TxnCompare.Holds(point, compare))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a transaction has nothing but ranges, on either branch: it needs no writer.</summary>
    public static bool IsReadOnly(TxnRequest txn) => txn.Success.All(IsReadOnly) && txn.Failure.All(IsReadOnly);

    /// <summary>Whether some branch may put: what an exceeded quota refuses.</summary>
    public static bool MayPut(TxnRequest txn) => txn.Success.Concat(txn.Failure).Any(op =>
        op.RequestCase == Op.RequestPut || (op.RequestCase == Op.RequestTxn && MayPut(op.RequestTxn)));

    /// <summary>Answers a read-only transaction.</summary>
    public static (TxnResponse? Response, EtcdError? Error) Read(in ReadPoint point, TxnRequest txn)
    {
        var plan = Plan(point, txn);
        var error = CheckPlan(plan, new TxnState(point, null));
        return error is null ? (Run(plan, new TxnState(point, null)), null) : (null, error);
    }

    /// <summary>Runs a transaction in the draft; the caller ends it.</summary>
    public static (TxnResponse? Response, EtcdError? Error) Write(MvccDraft draft, TxnRequest txn)
    {
        var plan = Plan(draft.ReadPoint, txn);
        var state = new TxnState(draft.ReadPoint, draft);
        var error = CheckPlan(plan, state);
        return error is null ? (Run(plan, state), null) : (null, error);
    }

    private static bool IsReadOnly(RequestOp op) => op.RequestCase switch
    {
        Op.RequestRange => true,
        Op.RequestTxn => IsReadOnly(op.RequestTxn),
        _ => false,
    };

    private static TxnPlan Plan(in ReadPoint point, TxnRequest txn)
    {
        var succeeds = Holds(point, txn.Compare);
        var ops = succeeds ? txn.Success : txn.Failure;
        var nested = new Dictionary<RequestOp, TxnPlan>(ReferenceEqualityComparer.Instance);
        foreach (var op in ops)
        {
            if (op.RequestCase == Op.RequestTxn)
            {
                nested[op] = Plan(point, op.RequestTxn);
            }
        }

        return new TxnPlan(succeeds, ops, nested);
    }

    private static EtcdError? CheckPlan(TxnPlan plan, in TxnState state)
    {
        foreach (var op in plan.Ops)
        {
            var error = op.RequestCase switch
            {
                Op.RequestRange => RangeReader.Check(state.Start, op.RequestRange),
                Op.RequestPut => KvWriter.Check(state.Draft!, op.RequestPut), // a put is never read-only
                Op.RequestTxn => CheckPlan(plan.Nested[op], state),
                _ => null,
            };
            if (error is not null)
            {
                return error;
            }
        }

        return null;
    }

    private static TxnResponse Run(TxnPlan plan, in TxnState state)
    {
        var response = new TxnResponse { Succeeded = plan.Succeeds };
        foreach (var op in plan.Ops)
        {
            response.Responses.Add(RunOp(op, plan, state));
        }

        response.Header = new ResponseHeader { Revision = state.Now.Revision };
        return response;
    }

    private static ResponseOp RunOp(RequestOp op, TxnPlan plan, in TxnState state)
    {
        switch (op.RequestCase)
        {
            case Op.RequestRange:
                var range = RangeReader.Read(state.Now, op.RequestRange);
                range.Header = new ResponseHeader { Revision = state.Now.Revision };
                return new ResponseOp { ResponseRange = range };
            case Op.RequestPut:
                var put = KvWriter.Put(state.Draft!, op.RequestPut);
                put.Header = new ResponseHeader { Revision = state.Now.Revision };
                return new ResponseOp { ResponsePut = put };
            case Op.RequestDeleteRange:
                var deleted = KvWriter.Delete(state.Draft!, op.RequestDeleteRange);
                deleted.Header = new ResponseHeader { Revision = state.Now.Revision };
                return new ResponseOp { ResponseDeleteRange = deleted };
            default:
                return new ResponseOp { ResponseTxn = Run(plan.Nested[op], state) };
        }
    }

    /// <summary>The branches that will run.</summary>
    private sealed record TxnPlan(
        bool Succeeds, RepeatedField<RequestOp> Ops, Dictionary<RequestOp, TxnPlan> Nested);

    /// <summary>
    /// What the transaction started from, and the draft that it changes; no draft for a read-only one.
    /// </summary>
    private readonly record struct TxnState(ReadPoint Start, MvccDraft? Draft)
    {
        public ReadPoint Now => Draft?.ReadPoint ?? Start;
    }
}
