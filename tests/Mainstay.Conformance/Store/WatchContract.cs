using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Conformance.Store;

public sealed class WatchOnOurStoreTests(OurStoreFixture fixture)
    : WatchContract(fixture), IClassFixture<OurStoreFixture>;

public sealed class WatchOnDebianEtcdTests(DebianEtcdFixture fixture)
    : WatchContract(fixture), IClassFixture<DebianEtcdFixture>;

/// <summary>A watch stream, message by message: the same on either server. Each test has keys of its own.</summary>
public abstract class WatchContract(EtcdFixture fixture) : IAsyncLifetime
{
    private GrpcChannel? _channel;
    private AsyncDuplexStreamingCall<WatchRequest, WatchResponse>? _call;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private EtcdClient Client => fixture.Server.Client;

    private AsyncDuplexStreamingCall<WatchRequest, WatchResponse> Call => _call!; // opened before each test

    public ValueTask InitializeAsync()
    {
        _channel = GrpcChannel.ForAddress(fixture.Server.Url);
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(30);
        _call = new Watch.WatchClient(_channel).Watch(deadline: deadline);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _call?.Dispose();
        _channel?.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Watchers_of_one_stream_are_numbered_created_told_and_cancelled()
    {
        await CreateAsync(new WatchCreateRequest { Key = Bytes("m/a") });
        await CreateAsync(new WatchCreateRequest { Key = Bytes("m/"), RangeEnd = Bytes("m0"), WatchId = 9 });
        var revision = await PutAsync("m/a", "1");

        var told = new[] { await NextAsync(), await NextAsync() }.OrderBy(one => one.WatchId).ToArray();
        await Call.RequestStream.WriteAsync(
            new WatchRequest { CancelRequest = new WatchCancelRequest { WatchId = 9 } }, Cancellation);
        var cancelled = await NextAsync();

        Assert.Equal([0, 9], told.Select(one => one.WatchId));
        Assert.All(told, one => Assert.Equal(revision, Assert.Single(one.Events).Kv.ModRevision));
        Assert.All(told, one => Assert.Equal(revision, one.Header.Revision));
        Assert.Equal((9, true, false), (cancelled.WatchId, cancelled.Canceled, cancelled.Created));
    }

    [Fact]
    public async Task A_number_that_is_taken_and_a_range_that_is_empty_are_refused()
    {
        await CreateAsync(new WatchCreateRequest { Key = Bytes("n/a"), WatchId = 5 });
        await WriteAsync(new WatchCreateRequest { Key = Bytes("n/b"), WatchId = 5 });
        var taken = await NextAsync();
        await WriteAsync(new WatchCreateRequest { Key = Bytes("n/b"), RangeEnd = Bytes("n/a") });
        var empty = await NextAsync();

        Assert.Equal((-1, true, true), (taken.WatchId, taken.Created, taken.Canceled));
        Assert.Equal((-1, true, true), (empty.WatchId, empty.Created, empty.Canceled));
    }

    [Fact]
    public async Task Filters_previous_values_and_progress_are_served_on_request()
    {
        await CreateAsync(new WatchCreateRequest
        {
            Key = Bytes("f/a"),
            PrevKv = true,
            Filters = { WatchCreateRequest.Types.FilterType.Noput },
        });
        await PutAsync("f/a", "1");
        await Client.DeleteRangeAsync(new DeleteRangeRequest { Key = Bytes("f/a") }, Cancellation);
        var told = await NextAsync();
        await Call.RequestStream.WriteAsync(
            new WatchRequest { ProgressRequest = new WatchProgressRequest() }, Cancellation);
        var progress = await NextAsync();

        var change = Assert.Single(told.Events);
        Assert.Equal(Event.Types.EventType.Delete, change.Type);
        Assert.Equal("1", change.PrevKv.Value.ToStringUtf8());
        Assert.Equal((0, 0, change.Kv.ModRevision),
            (change.Kv.CreateRevision, change.Kv.Version, told.Header.Revision));
        Assert.Equal(-1, progress.WatchId);
        Assert.Empty(progress.Events);
        Assert.True(progress.Header.Revision >= told.Header.Revision);
    }

    [Fact]
    public async Task A_watch_from_the_past_and_one_of_the_future_begin_where_asked()
    {
        var first = await PutAsync("p/a", "1");
        await PutAsync("p/a", "2");
        await CreateAsync(new WatchCreateRequest { Key = Bytes("p/a"), StartRevision = first });
        var past = new List<Event>();
        while (past.Count < 2)
        {
            past.AddRange((await NextAsync()).Events);
        }

        await CreateAsync(new WatchCreateRequest { Key = Bytes("p/b"), StartRevision = first + 1000 });
        await PutAsync("p/b", "too early");
        await PutAsync("p/a", "3");
        var next = await NextAsync();

        Assert.Equal(["1", "2"], past.Select(one => one.Kv.Value.ToStringUtf8()));
        Assert.Equal("3", Assert.Single(next.Events).Kv.Value.ToStringUtf8());
    }

    [Fact]
    public async Task A_watch_from_compacted_history_is_cancelled_with_the_revision_that_is_left()
    {
        var first = await PutAsync("h/a", "1");
        var second = await PutAsync("h/a", "2");
        var third = await PutAsync("h/a", "3");
        await Client.CompactAsync(new CompactionRequest { Revision = third, Physical = true }, Cancellation);

        await CreateAsync(new WatchCreateRequest { Key = Bytes("h/a"), StartRevision = first });
        var cancelled = await NextAsync();
        var fault = await Assert.ThrowsAsync<EtcdException>(() =>
            Client.RangeAsync(new RangeRequest { Key = Bytes("h/a"), Revision = second }, Cancellation));
        var kept = await Client.RangeAsync(new RangeRequest { Key = Bytes("h/a"), Revision = third }, Cancellation);
        var again = await Assert.ThrowsAsync<EtcdException>(() =>
            Client.CompactAsync(new CompactionRequest { Revision = second }, Cancellation));

        Assert.Equal((true, third), (cancelled.Canceled, cancelled.CompactRevision));
        Assert.Equal(EtcdErrors.Compacted, fault.Error);
        Assert.Equal(EtcdErrors.Compacted, again.Error);
        Assert.Equal("3", Assert.Single(kept.Kvs).Value.ToStringUtf8());
    }

    [Fact]
    public async Task A_large_transaction_comes_in_fragments_to_whoever_allows_them()
    {
        await CreateAsync(new WatchCreateRequest { Key = Bytes("z/"), RangeEnd = Bytes("z0"), Fragment = true });
        var value = ByteString.CopyFrom(new byte[14_000]);
        for (var round = 0; round < 2; round++)
        {
            await Client.TxnAsync(
                new TxnRequest
                {
                    Success =
                    {
                        Enumerable.Range(0, 100).Select(i => new RequestOp
                        {
                            RequestPut = new PutRequest { Key = Bytes($"z/{round}-{i}"), Value = value },
                        }),
                    },
                },
                Cancellation);
        }

        var count = 0;
        while (count < 200)
        {
            count += (await NextAsync()).Events.Count;
        }

        Assert.Equal(200, count);
    }

    private static ByteString Bytes(string text) => ByteString.CopyFromUtf8(text);

    private async Task CreateAsync(WatchCreateRequest request)
    {
        await WriteAsync(request);
        var created = await NextAsync();
        Assert.True(created.Created);
        Assert.False(created.Canceled);
    }

    private Task WriteAsync(WatchCreateRequest request) =>
        Call.RequestStream.WriteAsync(new WatchRequest { CreateRequest = request }, Cancellation);

    private async Task<WatchResponse> NextAsync()
    {
        Assert.True(await Call.ResponseStream.MoveNext(Cancellation));
        return Call.ResponseStream.Current;
    }

    private async Task<long> PutAsync(string key, string value) =>
        (await Client.PutAsync(new PutRequest { Key = Bytes(key), Value = Bytes(value) }, Cancellation))
        .Header.Revision;
}
