using System.Text.Json;
using Mainstay.Conformance.Platform;

namespace Mainstay.Conformance.Console;

/// <summary>
/// What a person asks when something is wrong, on a whole platform, well and with parts of it killed.
/// </summary>
[Collection(ThreeNodeBankShare.Name)]
public sealed class DoctorTests(ThreeNodeBank fixture)
{
    /// <summary>From a kill to the root's name, the command's own look included.</summary>
    private static readonly TimeSpan NameWithin = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private RunningPlatform Platform => fixture.Platform;

    [Fact]
    public async Task A_platform_that_is_well_is_told_so_with_exit_0_and_all_hops()
    {
        var report = await UntilWellAsync();

        Assert.StartsWith("All is well", report.GetProperty("verdict").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, report.GetProperty("unknown").GetArrayLength());
        Assert.Contains(
            report.GetProperty("hops").EnumerateArray(),
            hop => hop.GetProperty("hop").GetString() == "router/node-3" && hop.GetProperty("sequence").GetInt64() > 0);
    }

    [Fact]
    public async Task A_store_that_is_killed_is_the_root_and_the_console_names_it_within_ten_seconds()
    {
        await UntilWellAsync();
        using var hold = new ControlPlaneHold(Platform, node: 1);
        await hold.KillAsync(["store"], Cancel);

        await Eventually.TrueAsync(
            "the console names the store", NameWithin, async () => await ConsoleRootAsync() == "no-quorum", Cancel);
        var (exit, report) = await DoctorAsync();
        Assert.Equal(1, exit);
        Assert.Equal("no-quorum", RootOf(report));

        hold.Release();
        await UntilWellAsync();
    }

    [Fact]
    public async Task With_the_console_and_the_API_server_down_doctor_still_names_the_root()
    {
        await UntilWellAsync();
        using var hold = new ControlPlaneHold(Platform, node: 1);
        await hold.KillAsync(["api", "console"], Cancel);

        var (exit, report) = await DoctorAsync();

        Assert.Equal(1, exit);
        Assert.Equal("api-server-down", RootOf(report));
        Assert.Contains(
            report.GetProperty("unknown").EnumerateArray(), part => part.GetProperty("subject").GetString(
                ) == "console");

        hold.Release();
        await UntilWellAsync();
    }

    [Fact]
    public async Task Check_tells_category_by_category_and_succeeds_on_a_platform_that_is_well()
    {
        await UntilWellAsync();

        var check = await RunAsync("check", "--data", Platform.Data, "-o", "json");
        using var json = JsonDocument.Parse(check.Succeeded().Output);

        Assert.True(json.RootElement.GetProperty("success").GetBoolean());
        Assert.Superset(
            new HashSet<string> { "parts", "heartbeat", "restart-safety", "store", "api-servers", "freshness" },
            json.RootElement.GetProperty("categories").EnumerateArray()
                .Select(category => category.GetProperty("categoryName").GetString() ?? "").ToHashSet());
    }

    [Fact]
    public async Task Why_and_nodes_answer_for_a_service_and_for_each_node()
    {
        await UntilWellAsync();

        var why = (await RunAsync("why", "payments.bank", "--data", Platform.Data, "-o", "json")).Succeeded();
        using var answer = JsonDocument.Parse(why.Output);
        Assert.Equal("bank/payments", answer.RootElement.GetProperty("service").GetString());
        Assert.Equal(3, answer.RootElement.GetProperty("routers").GetArrayLength());

        var nodes = (await RunAsync("nodes", "--data", Platform.Data, "-o", "json")).Succeeded();
        using var list = JsonDocument.Parse(nodes.Output);
        Assert.Equal(3, list.RootElement.GetProperty("nodes").GetArrayLength());

        var unknown = (await RunAsync("why", "no-such-service", "--data", Platform.Data)).Failed();
        Assert.Contains("payments.bank", unknown.Error, StringComparison.Ordinal);
    }

    /// <summary>Earlier tests of the collection may have left it upset: wells come by themselves.</summary>
    private async Task<JsonElement> UntilWellAsync()
    {
        var last = "";
        try
        {
            await Eventually.TrueAsync(
                "doctor says that all is well",
                TimeSpan.FromSeconds(90),
                async () =>
                {
                    var (exit, report) = await DoctorAsync();
                    last = report.GetRawText();
                    return exit == 0;
                },
                Cancel);
        }
        catch (TimeoutException)
        {
            Assert.Fail(last);
        }

        using var json = JsonDocument.Parse(last);
        return json.RootElement.Clone();
    }

    private async Task<string> ConsoleRootAsync()
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        using var json = JsonDocument.Parse(await http.GetStringAsync($"{Platform.Console}/api/signals", Cancel));
        return RootOf(json.RootElement);
    }

    private static string RootOf(JsonElement report) =>
        report.GetProperty("roots").EnumerateArray().Select(root => root.GetProperty("name").GetString() ?? "")
            .FirstOrDefault("");

    private async Task<(int Exit, JsonElement Report)> DoctorAsync()
    {
        var doctor = await RunAsync("doctor", "--data", Platform.Data, "-o", "json");
        using var json = JsonDocument.Parse(doctor.Output.Length > 0 ? doctor.Output : "{}");
        return (doctor.ExitCode, json.RootElement.Clone());
    }

    private static Task<CommandResult> RunAsync(params string[] words) => RunningPlatform.MainstayAsync(Cancel, words);
}
