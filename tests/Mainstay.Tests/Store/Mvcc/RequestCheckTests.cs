using Google.Protobuf;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;
using Mainstay.Store.Mvcc;

namespace Mainstay.Tests.Store.Mvcc;

public sealed class RequestCheckTests
{
    [Fact]
    public void A_key_that_is_put_twice_or_put_and_deleted_is_a_duplicate()
    {
        Assert.Equal(EtcdErrors.DuplicateKey, RequestCheck.Check(Success(Put("a"), Put("a"))));
        Assert.Equal(EtcdErrors.DuplicateKey, RequestCheck.Check(Success(Put("b"), Delete("a", "c"))));
        Assert.Equal(EtcdErrors.DuplicateKey, RequestCheck.Check(Success(Delete("a", "\0"), Nested(Put("b"), null))));
        Assert.Equal(EtcdErrors.DuplicateKey, RequestCheck.Check(Success(Nested(Put("b"), null), Put("b"))));
        Assert.Equal(EtcdErrors.DuplicateKey, RequestCheck.Check(
            Success(Nested(Put("b"), null), Nested(null, Put("b")))));
    }

    [Fact]
    public void Branches_that_exclude_each_other_may_write_the_same_key()
    {
        Assert.Null(RequestCheck.Check(Success(Nested(Put("b"), Put("b")))));
        Assert.Null(RequestCheck.Check(Success(Put("a"), Delete("b", "c"), Delete("b", ""))));
        Assert.Null(RequestCheck.Check(
            new TxnRequest { Success = { Put("a") }, Failure = { Put("a") } }));
    }

    [Fact]
    public void The_128th_operation_passes_and_the_129th_does_not_whatever_the_nesting()
    {
        var full = Success([.. Enumerable.Range(0, 128).Select(i => Put($"k{i}"))]);
        Assert.Null(RequestCheck.Check(full));
        full.Success.Add(Put("one more"));
        Assert.Equal(EtcdErrors.TooManyOps, RequestCheck.Check(full));

        var nested = Success(Nested(null, null));
        nested.Success[0].RequestTxn.Success.AddRange(Enumerable.Range(0, 127).Select(i => Put($"k{i}")));
        Assert.Null(RequestCheck.Check(nested));
        nested.Success[0].RequestTxn.Success.Add(Put("one more"));
        Assert.Equal(EtcdErrors.TooManyOps, RequestCheck.Check(nested));
    }

    [Fact]
    public void What_contradicts_itself_is_named_as_etcd_names_it()
    {
        var key = ByteString.CopyFromUtf8("a");
        Assert.Equal(EtcdErrors.EmptyKey, RequestCheck.Check(new RangeRequest()));
        Assert.Equal(EtcdErrors.EmptyKey, RequestCheck.Check(new DeleteRangeRequest()));
        Assert.Equal(EtcdErrors.EmptyKey, RequestCheck.Check(new TxnRequest { Compare = { new Compare() } }));
        Assert.Equal(EtcdErrors.KeyNotFound, RequestCheck.Check(Success(new RequestOp())));
        Assert.Equal(
            EtcdErrors.ValueProvided,
            RequestCheck.Check(new PutRequest { Key = key, Value = key, IgnoreValue = true }));
        Assert.Equal(
            EtcdErrors.LeaseProvided, RequestCheck.Check(new PutRequest { Key = key, Lease = 1, IgnoreLease = true }));
        Assert.Equal(
            EtcdErrors.InvalidSortOption,
            RequestCheck.Check(new RangeRequest { Key = key, SortOrder = (RangeRequest.Types.SortOrder)9 }));
    }

    private static TxnRequest Success(params RequestOp[] ops) => new() { Success = { ops } };

    private static RequestOp Put(string key) =>
        new() { RequestPut = new PutRequest { Key = ByteString.CopyFromUtf8(key) } };

    private static RequestOp Delete(string key, string end) => new()
    {
        RequestDeleteRange = new DeleteRangeRequest
        {
            Key = ByteString.CopyFromUtf8(key), RangeEnd = ByteString.CopyFromUtf8(end),
        },
    };

    private static RequestOp Nested(RequestOp? success, RequestOp? failure)
    {
        var txn = new TxnRequest();
        txn.Success.AddRange(success is null ? [] : [success]);
        txn.Failure.AddRange(failure is null ? [] : [failure]);
        return new RequestOp { RequestTxn = txn };
    }
}
