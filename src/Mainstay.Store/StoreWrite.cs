using Google.Protobuf;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Store;

/// <summary>A change that somebody asks for; checked for form, not yet for whether it can be done.</summary>
/// <param name="Bytes">the size of the request</param>
internal abstract record StoreWrite(int Bytes)
{
    // What a request without a body counts for in a batch.
    private const int SmallBytes = 32;

    internal sealed record Put(PutRequest Request, int Bytes) : StoreWrite(Bytes);

    internal sealed record Delete(DeleteRangeRequest Request, int Bytes) : StoreWrite(Bytes);

    internal sealed record Txn(TxnRequest Request, int Bytes) : StoreWrite(Bytes);

    internal sealed record Compact(long Revision) : StoreWrite(SmallBytes);

    internal sealed record GrantLease(long Id, long TtlSeconds) : StoreWrite(SmallBytes);

    internal sealed record EndLease(long Id) : StoreWrite(SmallBytes);

    internal sealed record SetSpaceAlarm(bool Raised) : StoreWrite(SmallBytes);
}

/// <summary>
/// What became of a write. On success all of it is on the disk, and <see cref="Revision"/> is the store's after it.
/// </summary>
/// <param name="Response">the answer without header; null where the request has none of its own</param>
/// <param name="Error">why nothing was changed; null on success</param>
internal readonly record struct WriteOutcome(IMessage? Response, EtcdError? Error, long Revision)
{
    public static WriteOutcome Fail(EtcdError error) => new(null, error, 0);
}
