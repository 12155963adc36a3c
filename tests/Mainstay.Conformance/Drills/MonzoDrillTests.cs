using System.Text.Json;
using Mainstay.Conformance.Platform;
using Mainstay.Tests.Architecture;

namespace Mainstay.Conformance.Drills;

/// <summary>
/// The drill as a user runs it, in its short form, on a platform of its own with Debian's etcd. What it must show is
/// judged by the drill itself; these tests read its journal, too.
/// </summary>
public sealed class MonzoDrillTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(6);

    private readonly PlatformSlot _slot = PlatformSlot.Take();
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-drill-test-").FullName;

    public void Dispose()
    {
        _slot.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task With_every_protection_no_payment_fails_and_the_restart_is_refused_by_name()
    {
        var journal = await RunAsync();

        Assert.All(Payments(journal), total => Assert.Equal(0, total.GetProperty("pending").GetInt64()));
        Assert.All(Payments(journal), total => Assert.Equal(0, total.GetProperty("failedAttempts").GetInt64()));
        Assert.Equal(0, journal.GetProperty("mainstay").GetProperty("money").GetProperty("lost").GetInt64());
        Assert.Equal(0, journal.GetProperty("mainstay").GetProperty("money").GetProperty("doubled").GetInt64());
        Assert.StartsWith("refused", Outcome(journal, "first-restart"), StringComparison.Ordinal);
        Assert.StartsWith("refused", Outcome(journal, "restart"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_any_protection_the_outage_comes_in_its_shape_and_goes_with_the_empty_service()
    {
        var journal = await RunAsync("--without", "all");

        Assert.All(Payments(journal), total => Assert.True(total.GetProperty("failedAttempts").GetInt64() > 0));
        Assert.Equal(0, journal.GetProperty("mainstay").GetProperty("money").GetProperty("lost").GetInt64());
        Assert.StartsWith("no guard asks", Outcome(journal, "restart"), StringComparison.Ordinal);
    }

    /// <summary>The journal of a run that was as expected.</summary>
    private async Task<JsonElement> RunAsync(params string[] words)
    {
        var report = Path.Combine(_folder, "report.html");
        var run = await new Command(
            SourceTree.Path("mainstay"),
            [
                "drill", "run", "monzo-2017-10", "--short", "--report", report, "--data", Path.Combine(_folder, "data"),
                "--port-offset", $"{_slot.PortOffset}", "--node-offset", $"{_slot.NodeOffset}", .. words,
            ])
        {
            Deadline = Deadline,
        }.RunAsync(TestContext.Current.CancellationToken);
        run.Succeeded();
        using var journal = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.ChangeExtension(report, ".json"), TestContext.Current.CancellationToken));
        Assert.False(Directory.Exists(Path.Combine(_folder, "data")), "the drill left its data folder");
        return journal.RootElement.Clone();
    }

    private static IEnumerable<JsonElement> Payments(JsonElement journal) =>
        journal.GetProperty("mainstay").GetProperty("totals").EnumerateArray()
            .Where(total => total.GetProperty("journey").GetString() is "card-payment" or "prepaid-card" or "transfer");

    private static string Outcome(JsonElement journal, string step) =>
        journal.GetProperty("run").EnumerateArray()
            .Single(run => run.GetProperty("activity").GetProperty("name").GetString() == step)
            .GetProperty("output").GetString() ?? "";
}
