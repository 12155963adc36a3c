using Google.Protobuf;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;
using Order = Mainstay.Etcd.Protocol.RangeRequest.Types.SortOrder;
using Result = Mainstay.Etcd.Protocol.Compare.Types.CompareResult;
using Target = Mainstay.Etcd.Protocol.Compare.Types.CompareTarget;

namespace Mainstay.Conformance.Store;

public sealed class WireOnOurStoreTests(OurStoreFixture fixture)
    : WireContract(fixture), IClassFixture<OurStoreFixture>;

public sealed class WireOnDebianEtcdTests(DebianEtcdFixture fixture)
    : WireContract(fixture), IClassFixture<DebianEtcdFixture>;

/// <summary>Semantics that no tool shows: the same on either server. Each test has keys of its own.</summary>
public abstract class WireContract(EtcdFixture fixture)
{
    private EtcdClient Client => fixture.Server.Client;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_counts_its_versions_and_begins_anew_after_deletion()
    {
        await PutAsync("v/a", "1");
        var second = await PutAsync("v/a", "2");
        await Client.DeleteRangeAsync(new DeleteRangeRequest { Key = Bytes("v/a") }, Cancellation);
        var third = await PutAsync("v/a", "3");

        var old = await GetAsync(new RangeRequest { Key = Bytes("v/a"), Revision = second });
        var now = await GetAsync(new RangeRequest { Key = Bytes("v/a") });
        var gone = await GetAsync(new RangeRequest { Key = Bytes("v/a"), Revision = third - 1 });

        Assert.Equal((second - 1, second, 2), Facts(old.Kvs[0]));
        Assert.Equal((third, third, 1), Facts(now.Kvs[0]));
        Assert.Empty(gone.Kvs);
        // The header tells where the store stands, not what was asked for.
        Assert.True(old.Header.Revision >= third);
    }

    [Fact]
    public async Task Limits_bounds_and_counts_are_those_of_etcd()
    {
        var first = await PutAsync("r/a", "1");
        await PutAsync("r/b", "2");
        await PutAsync("r/c", "3");
        var range = new RangeRequest { Key = Bytes("r/"), RangeEnd = Bytes("r0") };

        var limited = await GetAsync(new RangeRequest(range) { Limit = 2 });
        var exact = await GetAsync(new RangeRequest(range) { Limit = 3 });
        var bounded = await GetAsync(new RangeRequest(range) { MinModRevision = first + 1, Limit = 1 });
        var counted = await GetAsync(new RangeRequest(range) { CountOnly = true });
        var descending = await GetAsync(new RangeRequest(range) { SortOrder = Order.Descend, Limit = 1 });
        var reversed = await GetAsync(new RangeRequest { Key = Bytes("r/c"), RangeEnd = Bytes("r/a") });
        var tail = await GetAsync(
            new RangeRequest { Key = Bytes("r/b"), RangeEnd = ByteString.CopyFrom(0), Limit = 1 });

        Assert.Equal((2, true, 3), (limited.Kvs.Count, limited.More, limited.Count));
        Assert.Equal((3, false, 3), (exact.Kvs.Count, exact.More, exact.Count));
        Assert.Equal(("r/b", true, 3), (bounded.Kvs[0].Key.ToStringUtf8(), bounded.More, bounded.Count));
        Assert.Equal((0, 3), (counted.Kvs.Count, counted.Count));
        Assert.Equal("r/c", Assert.Single(descending.Kvs).Key.ToStringUtf8());
        Assert.Equal((0, 0), (reversed.Kvs.Count, reversed.Count));
        Assert.Equal("r/b", Assert.Single(tail.Kvs).Key.ToStringUtf8());
    }

    [Fact]
    public async Task Ignored_values_and_leases_stay_as_they_are()
    {
        var lease = await Client.LeaseGrantAsync(new LeaseGrantRequest { TTL = 60 }, Cancellation);
        await Client.PutAsync(
            new PutRequest { Key = Bytes("i/a"), Value = Bytes("1"), Lease = lease.ID }, Cancellation);

        var put = new PutRequest { Key = Bytes("i/a"), Value = Bytes("2"), IgnoreLease = true, PrevKv = true };
        var answer = await Client.PutAsync(put, Cancellation);
        await Client.PutAsync(new PutRequest { Key = Bytes("i/a"), IgnoreValue = true }, Cancellation);

        var now = (await GetAsync(new RangeRequest { Key = Bytes("i/a") })).Kvs[0];
        Assert.Equal(("1", lease.ID), (answer.PrevKv.Value.ToStringUtf8(), answer.PrevKv.Lease));
        Assert.Equal(("2", 0, 3), (now.Value.ToStringUtf8(), now.Lease, now.Version));
        await FailsAsync(
            EtcdErrors.KeyNotFound,
            Client.PutAsync(new PutRequest { Key = Bytes("i/none"), IgnoreValue = true }, Cancellation));
        await FailsAsync(
            EtcdErrors.LeaseNotFound,
            Client.PutAsync(new PutRequest { Key = Bytes("i/a"), Lease = 987654321 }, Cancellation));
    }

    [Fact]
    public async Task A_transaction_has_one_revision_and_its_ranges_see_its_writes()
    {
        var before = await PutAsync("x/a", "1");
        var answer = await Client.TxnAsync(
            new TxnRequest
            {
                Compare = { Compares("x/a", Target.Version, Result.Equal, compare => compare.Version = 1) },
                Success =
                {
                    Put("x/b", "2"),
                    new RequestOp
                    {
                        RequestRange = new RangeRequest { Key = Bytes("x/"), RangeEnd = Bytes("x0") },
                    },
                    Delete("x/a"),
                    new RequestOp { RequestTxn = new TxnRequest { Failure = { Put("x/no", "") } } },
                },
            },
            Cancellation);

        Assert.True(answer.Succeeded);
        Assert.Equal(before + 1, answer.Header.Revision);
        Assert.Equal(before + 1, answer.Responses[0].ResponsePut.Header.Revision);
        Assert.Equal(2, answer.Responses[1].ResponseRange.Count);
        Assert.Equal(1, answer.Responses[2].ResponseDeleteRange.Deleted);
        Assert.True(answer.Responses[3].ResponseTxn.Succeeded);
        var changes = await WatchAsync("x/", before + 1, 2);
        Assert.All(changes, change => Assert.Equal(before + 1, change.Kv.ModRevision));
    }

    [Fact]
    public async Task Comparisons_take_missing_keys_and_ranges_as_etcd_does()
    {
        await PutAsync("c/a", "1");
        await PutAsync("c/b", "1");
        var range = Compares("c/", Target.Value, Result.Equal, compare => compare.Value = Bytes("1"));
        range.RangeEnd = Bytes("c0");

        Assert.True(await HoldsAsync(range));
        await PutAsync("c/b", "2");
        Assert.False(await HoldsAsync(range));
        Assert.True(await HoldsAsync(Compares("c/none", Target.Version, Result.Equal, _ => { })));
        Assert.True(await HoldsAsync(Compares("c/none", Target.Mod, Result.Less, compare => compare.ModRevision = 1)));
        Assert.False(await HoldsAsync(Compares("c/none", Target.Value, Result.Equal, _ => { })));
        Assert.False(await HoldsAsync(Compares("c/none", Target.Value, Result.NotEqual, _ => { })));
        Assert.True(await HoldsAsync(Compares("c/a", Target.Create, Result.Greater, _ => { })));
        Assert.True(await HoldsAsync(Compares("c/a", Target.Lease, Result.Equal, _ => { })));
    }

    [Fact]
    public async Task What_is_malformed_or_too_large_is_refused_in_etcds_words()
    {
        await FailsAsync(EtcdErrors.EmptyKey, Client.PutAsync(new PutRequest(), Cancellation));
        await FailsAsync(EtcdErrors.EmptyKey, Client.RangeAsync(new RangeRequest(), Cancellation));
        await FailsAsync(
            EtcdErrors.DuplicateKey,
            Client.TxnAsync(new TxnRequest { Success = { Put("d", "1"), Put("d", "2") } }, Cancellation));
        await FailsAsync(
            EtcdErrors.TooManyOps,
            Client.TxnAsync(
                new TxnRequest { Success = { Enumerable.Range(0, 129).Select(i => Put($"d/{i}", "")) } },
                Cancellation));
        await FailsAsync(
            EtcdErrors.RequestTooLarge,
            Client.PutAsync(
                new PutRequest { Key = Bytes("d"), Value = ByteString.CopyFrom(new byte[1_700_000]) }, Cancellation));
        await FailsAsync(
            EtcdErrors.FutureRevision,
            Client.RangeAsync(new RangeRequest { Key = Bytes("d"), Revision = long.MaxValue }, Cancellation));
        await FailsAsync(
            EtcdErrors.FutureRevision,
            Client.CompactAsync(new CompactionRequest { Revision = long.MaxValue }, Cancellation));
    }

    [Fact]
    public async Task Leases_that_are_gone_or_taken_or_too_long_are_told_apart()
    {
        await FailsAsync(
            EtcdErrors.LeaseNotFound, Client.LeaseRevokeAsync(new LeaseRevokeRequest { ID = 4242 }, Cancellation));
        await FailsAsync(
            EtcdErrors.LeaseTtlTooLarge,
            Client.LeaseGrantAsync(new LeaseGrantRequest { TTL = 9_000_000_001 }, Cancellation));
        await Client.LeaseGrantAsync(new LeaseGrantRequest { TTL = 60, ID = 77 }, Cancellation);
        await FailsAsync(
            EtcdErrors.LeaseExists, Client.LeaseGrantAsync(new LeaseGrantRequest { TTL = 60, ID = 77 }, Cancellation));
        Assert.Equal(0, (await Client.LeaseKeepAliveOnceAsync(4242, Cancellation)).TTL);
        Assert.Equal(60, (await Client.LeaseKeepAliveOnceAsync(77, Cancellation)).TTL);
        var gone = await Client.LeaseTimeToLiveAsync(new LeaseTimeToLiveRequest { ID = 4242 }, Cancellation);
        Assert.Equal((-1, 0), (gone.TTL, gone.GrantedTTL));
    }

    private static ByteString Bytes(string text) => ByteString.CopyFromUtf8(text);

    private static (long Create, long Mod, long Version) Facts(KeyValue kv) =>
        (kv.CreateRevision, kv.ModRevision, kv.Version);

    private static RequestOp Put(string key, string value) =>
        new() { RequestPut = new PutRequest { Key = Bytes(key), Value = Bytes(value) } };

    private static RequestOp Delete(string key) =>
        new() { RequestDeleteRange = new DeleteRangeRequest { Key = Bytes(key) } };

    private static Compare Compares(string key, Target target, Result result, Action<Compare> with)
    {
        var compare = new Compare { Key = Bytes(key), Target = target, Result = result };
        with(compare);
        return compare;
    }

    private static async Task FailsAsync(EtcdError expected, Task call)
    {
        var fault = await Assert.ThrowsAsync<EtcdException>(() => call);
        Assert.Equal(expected, fault.Error);
        Assert.Equal(expected.Code, fault.Code);
        Assert.False(fault.MayHaveHappened);
    }

    private async Task<bool> HoldsAsync(Compare compare) =>
        (await Client.TxnAsync(new TxnRequest { Compare = { compare } }, Cancellation)).Succeeded;

    private Task<RangeResponse> GetAsync(RangeRequest request) => Client.RangeAsync(request, Cancellation);

    private async Task<long> PutAsync(string key, string value) =>
        (await Client.PutAsync(new PutRequest { Key = Bytes(key), Value = Bytes(value) }, Cancellation))
        .Header.Revision;

    private async Task<List<Event>> WatchAsync(string prefix, long from, int count)
    {
        var changes = new List<Event>();
        var watch = Client.Watch(new EtcdWatchOptions(KeyRange.Prefix(prefix), from));
        await foreach (var batch in watch.ReadAllAsync(Cancellation))
        {
            changes.AddRange(batch.Events);
            if (changes.Count >= count)
            {
                break;
            }
        }

        return changes;
    }
}
