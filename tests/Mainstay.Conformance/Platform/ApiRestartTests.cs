using System.Text.Json;

namespace Mainstay.Conformance.Platform;

/// <summary>
/// <c>mainstay restart api</c> as an operator types it, on a platform with two API servers, with the bank under load.
/// </summary>
[Collection(ThreeMemberBankShare.Name)]
public sealed class ApiRestartTests(ThreeMemberBank fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly RunningPlatform _platform = fixture.Platform;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_API_server_is_replaced_in_its_turn_and_no_call_fails()
    {
        var load = new BankLoad(_platform);
        await load.CalmAsync();
        await load.RateAsync(30);
        var before = Servers();
        var count = await load.CountAsync();

        var restart = await _platform.OnceItGoesAsync(
            Cancel, "restart", "api", "--yes", "--override", "a test has no time to bake", "-o", "json");

        Assert.True(restart.ExitCode == 0, restart.Output + restart.Error);
        using var record = JsonDocument.Parse(restart.Output);
        Assert.Equal("done", record.RootElement.GetProperty("state").GetString());
        Assert.Equal(2, record.RootElement.GetProperty("plan").GetProperty("waves").GetArrayLength());
        Assert.Equal(2, Servers().Length);
        Assert.Empty(before.Intersect(Servers()));
        (await _platform.KubectlAsync(Cancel, "create", "configmap", "after-the-restart")).Succeeded();
        var after = await load.CountAsync();
        Assert.True(after.Succeeded > count.Succeeded, "there was load");
        Assert.Equal(count.FailedAttempts, after.FailedAttempts);
        await load.RateAsync(BankLoad.Quiet);
    }

    [Fact]
    public async Task Without_a_quorum_of_the_store_no_API_server_is_touched()
    {
        var before = Servers();
        var members = _platform.Processes()
            .Where(process => process.CommandLine.Contains("etcd --name ", StringComparison.Ordinal)).ToList();
        var lost = members.Take((members.Count / 2) + 1).ToList();
        CommandResult refused;
        try
        {
            await PlatformProcess.SignalAsync("-STOP", lost, Cancel);
            refused = await _platform.VerbAsync(Cancel, "restart", "api", "--yes");
        }
        finally
        {
            await PlatformProcess.SignalAsync("-CONT", lost, CancellationToken.None);
        }

        Assert.Equal(1, refused.ExitCode);
        Assert.True(refused.Output.Contains("REFUSED", StringComparison.Ordinal), refused.Output + refused.Error);
        Assert.Contains("quorum", refused.Output, StringComparison.Ordinal);
        Assert.Equal(before, Servers());
        await Eventually.TrueAsync("the platform is well again", Patience, async () =>
            (await _platform.StatusAsync(Cancel)).ExitCode == 0, Cancel);
    }

    private int[] Servers() =>
    [
        .. _platform.Processes()
            .Where(process => process.CommandLine.Contains("mainstay api ", StringComparison.Ordinal))
            .Select(process => process.Pid).Order(),
    ];
}
