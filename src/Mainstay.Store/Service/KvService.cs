using Grpc.Core;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;
using Mainstay.Store.Mvcc;

namespace Mainstay.Store.Service;

/// <summary>
/// Keys and values. A read looks at the view, which holds everything that was ever acknowledged: so a linearizable
/// read and a serializable one are the same here. A write waits for the disk.
/// </summary>
internal sealed class KvService(
    StoreEngine engine, CommitLoop commits, ResponseHeaders headers, StoreMetrics metrics) : KV.KVBase
{
    public override Task<RangeResponse> Range(RangeRequest request, ServerCallContext context)
    {
        metrics.Ranges.Add();
        Rpc.ThrowIf(RequestCheck.Check(request));
        var view = engine.View;
        var point = ReadPoint.Of(view);
        Rpc.ThrowIf(RangeReader.Check(point, request));
        var response = RangeReader.Read(point, request);
        ThrowIfCompactedMeanwhile(request.Revision);
        response.Header = headers.At(view.Revision);
        return Task.FromResult(response);
    }

    public override async Task<PutResponse> Put(PutRequest request, ServerCallContext context)
    {
        metrics.Puts.Add();
        Rpc.ThrowIf(RequestCheck.Check(request));
        var outcome = await Rpc.WriteAsync(commits, new StoreWrite.Put(request, Rpc.SizeOf(request)));
        var response = (PutResponse)outcome.Response!; // a put that has not failed has an answer
        response.Header = headers.At(outcome.Revision);
        return response;
    }

    public override async Task<DeleteRangeResponse> DeleteRange(DeleteRangeRequest request, ServerCallContext context)
    {
        metrics.Deletes.Add();
        Rpc.ThrowIf(RequestCheck.Check(request));
        var outcome = await Rpc.WriteAsync(commits, new StoreWrite.Delete(request, Rpc.SizeOf(request)));
        var response = (DeleteRangeResponse)outcome.Response!; // as above
        response.Header = headers.At(outcome.Revision);
        return response;
    }

    public override async Task<TxnResponse> Txn(TxnRequest request, ServerCallContext context)
    {
        metrics.Txns.Add();
        Rpc.ThrowIf(RequestCheck.Check(request));
        if (TxnRunner.IsReadOnly(request))
        {
            return ReadTxn(request);
        }

        var outcome = await Rpc.WriteAsync(commits, new StoreWrite.Txn(request, Rpc.SizeOf(request)));
        var response = (TxnResponse)outcome.Response!; // as above
        response.Header = headers.At(outcome.Revision);
        return response;
    }

    public override async Task<CompactionResponse> Compact(CompactionRequest request, ServerCallContext context)
    {
        metrics.Compactions.Add();
        var outcome = await Rpc.WriteAsync(commits, new StoreWrite.Compact(request.Revision));
        return new CompactionResponse { Header = headers.At(outcome.Revision) };
    }

    private TxnResponse ReadTxn(TxnRequest request)
    {
        var view = engine.View;
        var (response, error) = TxnRunner.Read(ReadPoint.Of(view), request);
        Rpc.ThrowIf(error);
        ThrowIfCompactedMeanwhile(OldestRevision(request));
        response!.Header = headers.At(view.Revision); // there is a response where there is no error
        return response;
    }

    /// <summary>A compaction beside a read of an old revision may have taken keys from under it.</summary>
    private void ThrowIfCompactedMeanwhile(long revision) =>
        Rpc.ThrowIf(revision > 0 && revision < engine.View.CompactRevision ? EtcdErrors.Compacted : null);

    private static long OldestRevision(TxnRequest txn)
    {
        var oldest = 0L;
        foreach (var op in txn.Success.Concat(txn.Failure))
        {
            var revision = op.RequestCase == RequestOp.RequestOneofCase.RequestTxn
                ? OldestRevision(op.RequestTxn)
                : op.RequestRange.Revision;
            oldest = revision > 0 && (oldest == 0 || revision < oldest) ? revision : oldest;
        }

        return oldest;
    }
}
