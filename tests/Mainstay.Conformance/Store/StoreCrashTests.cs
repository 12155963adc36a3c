using System.Collections.Concurrent;
using System.Globalization;
using Google.Protobuf;
using Mainstay.Conformance.Platform;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Conformance.Store;

/// <summary>The real process, killed under load, refused where it must be.</summary>
public sealed class StoreCrashTests
{
    private const int Kills = 20;
    private const int Writers = 8;
    private const int WritesPerLife = 300;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Twenty_kills_under_load_lose_no_acknowledged_write()
    {
        // A small log, so that checkpoints fall among the kills.
        using var server = await EtcdServer.StartOurStoreAsync("--checkpoint-log-bytes", "1048576");
        var acknowledged = new ConcurrentDictionary<string, string>();
        for (var kill = 0; kill < Kills; kill++)
        {
            var before = acknowledged.Count;
            var writers = Enumerable.Range(0, Writers)
                .Select(writer => WriteAsync(server.Client, $"{kill}-{writer}", acknowledged))
                .ToArray();
            await Eventually.HoldsAsync(() => acknowledged.Count >= before + WritesPerLife);
            await server.Process.KillAsync();
            await Task.WhenAll(writers);
            await server.StartAgainAsync();
            await HoldsAllAsync(server.Client, acknowledged);
        }

        Assert.True(acknowledged.Count >= Kills * WritesPerLife);
    }

    [Fact]
    public async Task A_second_process_on_the_same_folder_ends_with_one_line()
    {
        using var server = await EtcdServer.StartOurStoreAsync();

        var second = await RunStoreAsync(server.DataDir, "127.0.0.1:0");

        Assert.Equal(3, second.ExitCode);
        var line = Assert.Single(second.Said.Split('\n'));
        Assert.Contains($"another store uses {server.DataDir}", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_and_a_broken_file_end_with_one_line_each()
    {
        using var server = await EtcdServer.StartOurStoreAsync();
        await server.Client.PutAsync(Put("a", "1"), Cancellation);
        await server.Client.PutAsync(Put("b", "2"), Cancellation);
        using var elsewhere = await EtcdServer.StartOurStoreAsync();
        await server.Process.KillAsync();
        var log = Assert.Single(Directory.GetFiles(server.DataDir, "*.log"));
        var bytes = await File.ReadAllBytesAsync(log, Cancellation);
        bytes[70] ^= 1;
        await File.WriteAllBytesAsync(log, bytes, Cancellation);

        var broken = await RunStoreAsync(server.DataDir, "127.0.0.1:0");
        var taken = await RunStoreAsync($"{server.DataDir}-other", $"127.0.0.1:{elsewhere.Port}");

        Assert.Equal((3, 3), (broken.ExitCode, taken.ExitCode));
        var line = Assert.Single(broken.Said.Split('\n'));
        Assert.Contains($"{log} is broken at byte 48", line, StringComparison.Ordinal);
        Assert.Contains("cannot listen on", Assert.Single(taken.Said.Split('\n')), StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(log, Cancellation));
    }

    [Fact]
    public async Task A_watch_goes_on_over_a_killed_server_without_gap_or_double()
    {
        using var server = await EtcdServer.StartOurStoreAsync();
        var told = new List<long>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var watching = CollectAsync(server.Client, told, ending.Token);
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 50; i++)
            {
                await server.Client.PutAsync(Put($"w/{round}-{i}", ""), Cancellation);
            }

            await server.Process.KillAsync();
            await server.StartAgainAsync();
        }

        await Eventually.HoldsAsync(() => { lock (told) { return told.Count >= 150; } });
        await ending.CancelAsync();
        await watching;

        Assert.Equal(Enumerable.Range(2, 150).Select(revision => (long)revision), told);
    }

    private static Task<CommandResult> RunStoreAsync(string dataDir, string client) => new Command(
        Peers.Mainstay,
        "store", "--data-dir", dataDir, "--listen-client", client, "--listen-metrics", "127.0.0.1:0")
        .RunAsync(Cancellation);

    private static async Task CollectAsync(EtcdClient client, List<long> told, CancellationToken cancellationToken)
    {
        try
        {
            var watch = client.Watch(new EtcdWatchOptions(KeyRange.Prefix("w/"), StartRevision: 2));
            await foreach (var batch in watch.ReadAllAsync(cancellationToken))
            {
                lock (told)
                {
                    told.AddRange(batch.Events.Select(change => change.Kv.ModRevision));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Enough was seen.
        }
    }

    /// <summary>Writes until the server is gone.</summary>
    private static async Task WriteAsync(
        EtcdClient client, string writer, ConcurrentDictionary<string, string> acknowledged)
    {
        try
        {
            for (var i = 0; ; i++)
            {
                var (key, value) = ($"{writer}-{i}", i.ToString(CultureInfo.InvariantCulture));
                await client.PutAsync(Put(key, value), Cancellation);
                acknowledged[key] = value;
            }
        }
        catch (EtcdException)
        {
            // Killed. What was not answered may be there or not.
        }
    }

    private static async Task HoldsAllAsync(EtcdClient client, ConcurrentDictionary<string, string> acknowledged)
    {
        var all = KeyRange.From(ByteString.CopyFrom(0));
        var answer = await client.RangeAsync(
            new RangeRequest { Key = all.Key, RangeEnd = all.End }, Cancellation);
        var found = answer.Kvs.ToDictionary(kv => kv.Key.ToStringUtf8(), kv => kv.Value.ToStringUtf8());
        var missing = acknowledged.Where(one => found.GetValueOrDefault(one.Key) != one.Value).ToList();
        Assert.Empty(missing);
    }

    private static PutRequest Put(string key, string value) =>
        new() { Key = ByteString.CopyFromUtf8(key), Value = ByteString.CopyFromUtf8(value) };
}
