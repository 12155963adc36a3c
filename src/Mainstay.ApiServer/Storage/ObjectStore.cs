using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Mainstay.ApiServer.Http;
using Mainstay.ApiServer.Observation;
using Mainstay.ApiServer.Registry;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;
using Mainstay.Kernel;

namespace Mainstay.ApiServer.Storage;

/// <summary>A part of a resource, read at one revision.</summary>
/// <param name="Revision">the revision of every object in it</param>
/// <param name="NextKey">where the next part starts; null at the end</param>
/// <param name="RemainingCount">how many objects come after this part, unreadable ones included</param>
internal sealed record ListPart(
    ImmutableArray<StoredObject> Objects, long Revision, string? NextKey, long RemainingCount);

/// <param name="Prefix">the resource's prefix, or that of one namespace in it</param>
/// <param name="StartKey">the first key wanted; empty for the start of the prefix</param>
/// <param name="Limit">objects wanted at most; 0 for all</param>
/// <param name="Revision">0 for the newest, proven by quorum</param>
internal sealed record ListRange(string Prefix, string StartKey = "", long Limit = 0, long Revision = 0);

/// <summary>A key that only one object may hold at a time, such as a service's address.</summary>
internal readonly record struct Claim(string Key, string Holder);

/// <summary>One change of one object, as one transaction.</summary>
internal sealed record StoreWrite(ResourceType Type, string Key)
{
    /// <summary>The revision the object must still be at; 0 when it must not exist.</summary>
    public required long ExpectedRevision { get; init; }

    /// <summary>The object to write; null deletes it.</summary>
    public required JsonObject? Tree { get; init; }

    public long LeaseId { get; init; }

    public ImmutableArray<Claim> Take { get; init; } = [];

    public ImmutableArray<string> Release { get; init; } = [];
}

internal enum StoreWriteResult
{
    Done,

    /// <summary>The object is not at the expected revision any more, or exists already.</summary>
    Changed,

    /// <summary>Another object holds one of the claims.</summary>
    ClaimTaken,

    /// <summary>The lease ended: nothing was written, a new lease is needed.</summary>
    LeaseGone,
}

/// <param name="Object">when done: the object as written; null after a delete</param>
/// <param name="Revision">when done: the revision of the change</param>
internal readonly record struct StoreWriteOutcome(StoreWriteResult Result, StoredObject? Object, long Revision);

/// <summary>
/// The objects in etcd: reads by quorum, and writes that happen only to the revision they were meant for.
/// </summary>
internal sealed class ObjectStore(EtcdClient client, ObjectCodec codec, StoreLatency latency)
{
    /// <summary>The newest state of one object; null when there is none.</summary>
    public async Task<StoredObject?> GetAsync(ResourceType type, string key, CancellationToken cancellationToken)
    {
        var response = await StoreCall.ReadAsync(
            () => client.RangeAsync(new RangeRequest { Key = ByteString.CopyFromUtf8(key) }, cancellationToken));
        return response.Kvs.Count == 0 ? null : ObjectCodec.ReadOrRefuse(type, response.Kvs[0]);
    }

    /// <summary>The revision of the store, proven by quorum.</summary>
    public async Task<long> RevisionAsync(CancellationToken cancellationToken)
    {
        var request = new RangeRequest { Key = ByteString.CopyFromUtf8(StoreKeys.Probe), CountOnly = true };
        var response = await StoreCall.ReadAsync(() => client.RangeAsync(request, cancellationToken));
        return response.Header.Revision;
    }

    /// <summary>One part of a list. Objects that cannot be read are left out and named by the codec.</summary>
    /// <returns>null when the revision asked for is compacted away</returns>
    public async Task<ListPart?> ListAsync(ResourceType type, ListRange range, CancellationToken cancellationToken)
    {
        var whole = KeyRange.Prefix(range.Prefix);
        var request = new RangeRequest
        {
            Key = range.StartKey.Length > 0 ? ByteString.CopyFromUtf8(range.StartKey) : whole.Key,
            RangeEnd = whole.End,
            Limit = range.Limit,
            Revision = range.Revision,
        };
        RangeResponse response;
        try
        {
            response = await client.RangeAsync(request, cancellationToken);
        }
        catch (EtcdException e) when (e.Error == EtcdErrors.Compacted)
        {
            return null;
        }
        catch (EtcdException e) when (e.Error == EtcdErrors.FutureRevision)
        {
            var current = await RevisionAsync(cancellationToken);
            throw new RefusedException(KubeStatus.RevisionTooLarge(range.Revision, current));
        }
        catch (EtcdException e)
        {
            throw StoreCall.Refuse(e, isWrite: false);
        }

        var objects = ImmutableArray.CreateBuilder<StoredObject>(response.Kvs.Count);
        foreach (var kv in response.Kvs)
        {
            if (codec.ReadOrReport(type, kv) is { } stored)
            {
                objects.Add(stored);
            }
        }

        var nextKey = response.More ? response.Kvs[^1].Key.ToStringUtf8() + "\0" : null;
        var revision = range.Revision > 0 ? range.Revision : response.Header.Revision;
        return new ListPart(objects.DrainToImmutable(), revision, nextKey, response.Count - response.Kvs.Count);
    }

    public async Task<StoreWriteOutcome> WriteAsync(StoreWrite write, CancellationToken cancellationToken)
    {
        var key = ByteString.CopyFromUtf8(write.Key);
        var txn = new TxnRequest();
        txn.Compare.Add(IsAt(key, write.ExpectedRevision));
        txn.Success.Add(write.Tree is null ? Delete(key) : Put(key, Encode(write), write.LeaseId));
        foreach (var claim in write.Take)
        {
            var claimKey = ByteString.CopyFromUtf8(claim.Key);
            txn.Compare.Add(IsAt(claimKey, 0));
            txn.Success.Add(Put(claimKey, ByteString.CopyFromUtf8(claim.Holder), 0));
        }

        foreach (var released in write.Release)
        {
            txn.Success.Add(Delete(ByteString.CopyFromUtf8(released)));
        }

        txn.Failure.Add(new RequestOp { RequestRange = new RangeRequest { Key = key, KeysOnly = true } });
        TxnResponse response;
        var began = latency.Begin();
        try
        {
            response = await client.TxnAsync(txn, cancellationToken);
        }
        catch (EtcdException e) when (e.Error == EtcdErrors.LeaseNotFound)
        {
            return new StoreWriteOutcome(StoreWriteResult.LeaseGone, null, 0);
        }
        catch (EtcdException e)
        {
            throw StoreCall.Refuse(e, isWrite: true);
        }
        finally
        {
            latency.End(began);
        }

        return Read(write, response);
    }

    private static StoreWriteOutcome Read(StoreWrite write, TxnResponse response)
    {
        if (!response.Succeeded)
        {
            var found = response.Responses[0].ResponseRange.Kvs;
            var revision = found.Count == 0 ? 0 : found[0].ModRevision;
            var result = revision == write.ExpectedRevision ? StoreWriteResult.ClaimTaken : StoreWriteResult.Changed;
            return new StoreWriteOutcome(result, null, 0);
        }

        var written = write.Tree is null
            ? null
            : StoredObject.From(write.Type, write.Key, response.Header.Revision, write.Tree);
        return new StoreWriteOutcome(StoreWriteResult.Done, written, response.Header.Revision);
    }

    private static ByteString Encode(StoreWrite write)
    {
        Invariant.That(write.Tree is not null, "only an object is encoded");
        var json = ObjectCodec.Write(write.Type, write.Tree);
        return json.Length <= Limits.ObjectBytesMax
            ? UnsafeByteOperations.UnsafeWrap(json)
            : throw new RefusedException(KubeStatus.BodyTooLarge(Limits.ObjectBytesMax));
    }

    private static Compare IsAt(ByteString key, long revision) => new()
    {
        Key = key,
        Target = Compare.Types.CompareTarget.Mod,
        Result = Compare.Types.CompareResult.Equal,
        ModRevision = revision,
    };

    private static RequestOp Put(ByteString key, ByteString value, long leaseId) =>
        new() { RequestPut = new PutRequest { Key = key, Value = value, Lease = leaseId } };

    private static RequestOp Delete(ByteString key) =>
        new() { RequestDeleteRange = new DeleteRangeRequest { Key = key } };
}
