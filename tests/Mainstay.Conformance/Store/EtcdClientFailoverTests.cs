using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Mainstay.Conformance.Platform;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Conformance.Store;

/// <summary>
/// The client over several members, one of which refuses or is mute: an open connection is no sign of life.
/// </summary>
public sealed class EtcdClientFailoverTests(DebianEtcdFixture fixture) : IClassFixture<DebianEtcdFixture>
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(500);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Uri Live => new(fixture.Server.Url);

    [Fact]
    public async Task A_member_that_refuses_is_left_even_by_a_write_since_nothing_was_sent()
    {
        using var client = Over(new Uri($"http://127.0.0.1:{FreePorts.Row(1)}"), Live);

        await client.PutAsync(Put("refused/a", "1"), Cancellation);

        Assert.Equal(Live, client.CurrentEndpoint);
    }

    [Fact]
    public async Task A_read_from_a_mute_member_is_answered_by_the_next_within_the_deadline()
    {
        using var mute = new MuteMember();
        using var client = Over(mute.Address, Live);
        await fixture.Server.Client.PutAsync(Put("mute/a", "1"), Cancellation);

        var clock = Stopwatch.StartNew();
        var answer = await client.RangeAsync(
            new RangeRequest { Key = ByteString.CopyFromUtf8("mute/a") }, Cancellation);

        Assert.Equal("1", Assert.Single(answer.Kvs).Value.ToStringUtf8());
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"it took {clock.Elapsed}");
    }

    [Fact]
    public async Task A_write_to_a_mute_member_fails_in_time_says_that_it_may_have_happened_and_leaves_it()
    {
        using var mute = new MuteMember();
        using var client = Over(mute.Address, Live);

        var fault = await Assert.ThrowsAsync<EtcdException>(() => client.PutAsync(Put("w/a", "1"), Cancellation));

        Assert.True(fault.MayHaveHappened);
        Assert.Equal(mute.Address, fault.Endpoint);
        Assert.Equal(Live, client.CurrentEndpoint);
    }

    [Fact]
    public async Task A_watch_at_a_mute_member_moves_to_the_next_and_begins_where_asked()
    {
        using var mute = new MuteMember();
        using var client = Over(mute.Address, Live);
        var put = await fixture.Server.Client.PutAsync(Put("mw/a", "1"), Cancellation);
        var watch = client.Watch(new EtcdWatchOptions(KeyRange.Prefix("mw/"), put.Header.Revision));

        await foreach (var batch in watch.ReadAllAsync(Cancellation))
        {
            if (batch.Kind == WatchBatchKind.Events)
            {
                Assert.Equal("1", Assert.Single(batch.Events).Kv.Value.ToStringUtf8());
                break;
            }
        }

        Assert.Contains(mute.Address.Authority, watch.LastFault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_quiet_watch_asks_for_a_sign_of_life_and_stays_where_it_gets_one()
    {
        using var client = Over(Live);
        var watch = client.Watch(new EtcdWatchOptions(KeyRange.Prefix("quiet/")));

        var kinds = new List<WatchBatchKind>();
        await foreach (var batch in watch.ReadAllAsync(Cancellation))
        {
            kinds.Add(batch.Kind);
            if (kinds.Count == 3)
            {
                break;
            }
        }

        Assert.Equal([WatchBatchKind.Created, WatchBatchKind.Alive, WatchBatchKind.Alive], kinds);
        Assert.Null(watch.LastFault);
    }

    [Fact]
    public async Task A_watch_of_compacted_history_ends_with_the_revision_that_is_left()
    {
        using var client = Over(Live);
        var first = await client.PutAsync(Put("cw/a", "1"), Cancellation);
        var last = await client.PutAsync(Put("cw/a", "2"), Cancellation);
        await client.CompactAsync(new CompactionRequest { Revision = last.Header.Revision }, Cancellation);

        var watch = client.Watch(new EtcdWatchOptions(KeyRange.Prefix("cw/"), first.Header.Revision));
        var batches = new List<WatchBatch>();
        await foreach (var batch in watch.ReadAllAsync(Cancellation))
        {
            batches.Add(batch);
        }

        Assert.Equal((WatchBatchKind.Compacted, last.Header.Revision), (batches[^1].Kind, batches[^1].Revision));
    }

    private static EtcdClient Over(params Uri[] endpoints) => new(
        new EtcdClientOptions
        {
            Endpoints = endpoints,
            CallTimeout = TimeSpan.FromSeconds(3),
            ReadTryTimeout = Short,
            WatchSilenceMax = Short,
        },
        TimeProvider.System);

    private static PutRequest Put(string key, string value) =>
        new() { Key = ByteString.CopyFromUtf8(key), Value = ByteString.CopyFromUtf8(value) };

    /// <summary>Takes connections and says nothing: the kernel of a stopped process does just that.</summary>
    private sealed class MuteMember : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public MuteMember()
        {
            _listener.Start();
        }

        public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

        public void Dispose() => _listener.Dispose();
    }
}
