using System.Net;
using System.Net.Sockets;
using Mainstay.Tests.Architecture;

namespace Mainstay.Conformance.Platform;

/// <summary>Starting, starting wrongly, and stopping.</summary>
public sealed class UpAndDownTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Down_leaves_no_process_and_a_second_up_is_refused_in_one_line()
    {
        await using var platform = await RunningPlatform.UpAsync(Cancel, "--sample", "none");
        Assert.NotEmpty(platform.Processes());

        var second = await platform.StartAsync(Cancel, "--sample", "none");

        Assert.Contains("is up already", second.Failed().Error, StringComparison.Ordinal);
        Assert.Single(second.Error.Trim().Split('\n'));
        (await platform.DownAsync(Cancel)).Succeeded();
        Assert.Empty(platform.Processes());
    }

    [Fact]
    public async Task A_killed_up_is_taken_over_and_its_pods_are_adopted()
    {
        await using var platform = await RunningPlatform.UpAsync(Cancel, "--sample", "none");
        var up = platform.Processes().Single(process => process.CommandLine.Contains(" up ", StringComparison.Ordinal));
        var store = Named(platform, "mainstay store ");
        await up.KillAsync(Cancel);

        (await platform.StartAsync(Cancel, "--sample", "none")).Succeeded();

        var storeNow = Named(platform, "mainstay store ");
        Assert.Equal(store.Pid, storeNow.Pid);
        (await platform.DownAsync(Cancel)).Succeeded();
        Assert.Empty(platform.Processes());
    }

    [Fact]
    public async Task A_killed_agent_is_started_again_and_adopts_its_pods()
    {
        await using var platform = await RunningPlatform.UpAsync(Cancel, "--sample", "none");
        var agent = Named(platform, "mainstay node ");
        var store = Named(platform, "mainstay store ");

        await agent.KillAsync(Cancel);

        await Eventually.TrueAsync("another agent is ready", TimeSpan.FromSeconds(60), async () =>
            platform.Processes().Any(process => process.Pid != agent.Pid
                && process.CommandLine.Contains("mainstay node ", StringComparison.Ordinal))
            && (await platform.StatusAsync(Cancel)).ExitCode == 0, Cancel);
        Assert.Equal(store.Pid, Named(platform, "mainstay store ").Pid);
    }

    [Fact]
    public async Task A_taken_port_is_named_with_its_holder()
    {
        using var slot = PlatformSlot.Take();
        using var holder = new TcpListener(IPAddress.Loopback, 6443 + slot.PortOffset);
        holder.Start();
        var folder = Directory.CreateTempSubdirectory("mainstay-test-");
        try
        {
            var up = await RunningPlatform.MainstayAsync(
                Cancel,
                "up", "--data", folder.FullName, "--port-offset", $"{slot.PortOffset}", "--node-offset",
                    $"{slot.NodeOffset}");

            Assert.Contains($"127.0.0.1:{6443 + slot.PortOffset} is taken by", up.Failed().Error,
                StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", up.Error, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Wrong_words_are_all_named_at_once()
    {
        var up = await RunningPlatform.MainstayAsync(Cancel, "up", "--nodes", "0", "--members", "3");

        Assert.Equal(2, up.ExitCode);
        Assert.Contains("--nodes is 0", up.Error, StringComparison.Ordinal);
        Assert.Contains("--members 3 needs --store etcd", up.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_sdk_and_a_full_disk_give_one_line_each()
    {
        var noSdk = await new Command("/usr/bin/env", "-i", "PATH=/nowhere", "/bin/bash", SourceTree.Path("eng/build"))
            .RunAsync(Cancel);
        Assert.Contains("the .NET SDK is missing", noSdk.Failed().Error, StringComparison.Ordinal);

        await using var disk = await TinyDisk.MountAsync(Cancel);
        var full = await RunningPlatform.MainstayAsync(Cancel, "up", "--sample", "none", "--data", disk.Folder);
        Assert.Contains("MiB left", full.Failed().Error, StringComparison.Ordinal);
        Assert.Single(full.Error.Trim().Split('\n'));
    }

    private static PlatformProcess Named(RunningPlatform platform, string words) =>
        platform.Processes().Single(process => process.CommandLine.Contains(words, StringComparison.Ordinal));
}
