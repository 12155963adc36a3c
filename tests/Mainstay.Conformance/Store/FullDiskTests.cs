using System.Net;
using Google.Protobuf;
using Mainstay.Conformance.Platform;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Conformance.Store;

public sealed class FullDiskTests
{
    private const int ValueBytes = 64 * 1024;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_disk_refuses_writes_in_one_line_loses_nothing_and_goes_on_when_there_is_room()
    {
        await using var disk = await TinyDisk.MountAsync(Cancellation);
        var ballast = Path.Combine(disk.Folder, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[1024 * 1024], Cancellation);
        using var server = await EtcdServer.StartOurStoreOnAsync(disk.Folder);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.OtherPort}") };

        var acknowledged = 0;
        EtcdException? refused = null;
        while (refused is null)
        {
            (acknowledged, refused) = await PutAsync(server, acknowledged);
        }

        await PutAsync(server, acknowledged);
        Assert.Equal(EtcdErrors.NoSpace, refused.Error);
        Assert.False(refused.MayHaveHappened);
        Assert.True(acknowledged > 10);
        Assert.Equal(acknowledged, await CountAsync(server));
        Assert.Equal(
            HttpStatusCode.ServiceUnavailable,
            (await http.GetAsync(new Uri("/readyz", UriKind.Relative), Cancellation)).StatusCode);
        Assert.Equal(
            HttpStatusCode.OK, (await http.GetAsync(new Uri("/livez", UriKind.Relative), Cancellation)).StatusCode);
        await Eventually.HoldsAsync(() => server.Process.Said.Contains("[1003]", StringComparison.Ordinal));
        Assert.Single(server.Process.Said.Split('\n'), line => line.Contains("No space", StringComparison.Ordinal));

        File.Delete(ballast);
        (acknowledged, refused) = await PutAsync(server, acknowledged);
        Assert.Null(refused);
        await server.Process.KillAsync();
        await server.StartAgainAsync();
        Assert.Equal(acknowledged, await CountAsync(server));
    }

    private static async Task<(int Acknowledged, EtcdException? Refused)> PutAsync(EtcdServer server, int acknowledged)
    {
        try
        {
            var put = new PutRequest
            {
                Key = ByteString.CopyFromUtf8($"k{acknowledged}"),
                Value = ByteString.CopyFrom(new byte[ValueBytes]),
            };
            await server.Client.PutAsync(put, Cancellation);
            return (acknowledged + 1, null);
        }
        catch (EtcdException exception)
        {
            return (acknowledged, exception);
        }
    }

    private static async Task<long> CountAsync(EtcdServer server)
    {
        var all = KeyRange.Prefix("k");
        var answer = await server.Client.RangeAsync(
            new RangeRequest { Key = all.Key, RangeEnd = all.End, CountOnly = true }, Cancellation);
        return answer.Count;
    }
}
