using Google.Protobuf;
using Grpc.Core;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;
using Mainstay.Store.Log;

namespace Mainstay.Store.Service;

/// <summary>The head of every answer. One member that never had another leader: the term stands still.</summary>
internal sealed class ResponseHeaders(StoreIdentity identity)
{
    public const ulong Term = 2;

    public StoreIdentity Identity => identity;

    public ResponseHeader At(long revision) => new()
    {
        ClusterId = identity.ClusterId,
        MemberId = identity.MemberId,
        Revision = revision,
        RaftTerm = Term,
    };
}

/// <summary>What every service does with a request before and after the store has it.</summary>
internal static class Rpc
{
    public static void ThrowIf(EtcdError? error)
    {
        if (error is not null)
        {
            throw error.ToException();
        }
    }

    /// <summary>The size of a write request, refused where it is beyond the limit.</summary>
    public static int SizeOf(IMessage request)
    {
        var bytes = request.CalculateSize();
        ThrowIf(bytes > Limits.RequestBytesMax ? EtcdErrors.RequestTooLarge : null);
        return bytes;
    }

    public static async Task<WriteOutcome> WriteAsync(CommitLoop commits, StoreWrite write)
    {
        var outcome = await commits.SubmitAsync(write);
        ThrowIf(outcome.Error);
        return outcome;
    }

    /// <summary>A request that only a cluster could carry out.</summary>
    public static RpcException NotACluster(string wanted) => new(new Status(
        StatusCode.FailedPrecondition,
        $"mainstay store: {wanted} is refused: this store is one member on purpose; run etcd where you need more"));
}
