using System.Globalization;
using Google.Protobuf;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;

namespace Mainstay.ApiServer.Storage;

/// <summary>
/// Cuts the store's history every five minutes to what it was five minutes before. API servers share the work as
/// kube-apiserver does it: whoever first raises the version of <c>compact_rev_key</c> compacts, to the revision that
/// the
/// key held; the others take over the version and wait.
/// </summary>
internal sealed class Compactor(EtcdClient client, TimeProvider time, ILogger logger)
{
    private long _version;
    private long _revision;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Limits.CompactionInterval, time, cancellationToken);
            try
            {
                await StepAsync(cancellationToken);
            }
            catch (EtcdException e)
            {
                ApiServerLog.CompactionFailed(logger, e.Message);
            }
        }
    }

    /// <summary>One round; public to the tests, which do not wait five minutes.</summary>
    internal async Task StepAsync(CancellationToken cancellationToken)
    {
        var key = ByteString.CopyFromUtf8(StoreKeys.Compaction);
        var compactTo = _revision;
        var txn = new TxnRequest
        {
            Compare =
            {
                new Compare
                {
                    Key = key,
                    Target = Compare.Types.CompareTarget.Version,
                    Result = Compare.Types.CompareResult.Equal,
                    Version = _version,
                },
            },
            Success =
            {
                new RequestOp
                {
                    RequestPut = new PutRequest
                    {
                        Key = key,
                        Value = ByteString.CopyFromUtf8(compactTo.ToString(CultureInfo.InvariantCulture)),
                    },
                },
            },
            Failure = { new RequestOp { RequestRange = new RangeRequest { Key = key } } },
        };
        var response = await client.TxnAsync(txn, cancellationToken);
        _revision = response.Header.Revision;
        if (!response.Succeeded)
        {
            var kvs = response.Responses[0].ResponseRange.Kvs;
            _version = kvs.Count == 0 ? 0 : kvs[0].Version;
            return;
        }

        _version++;
        if (compactTo > 0)
        {
            await client.CompactAsync(new CompactionRequest { Revision = compactTo }, cancellationToken);
            ApiServerLog.Compacted(logger, compactTo);
        }
    }
}
