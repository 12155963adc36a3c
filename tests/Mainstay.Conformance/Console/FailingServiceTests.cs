using System.Text.Json;
using Mainstay.Conformance.Platform;

namespace Mainstay.Conformance.Console;

/// <summary>
/// Services that really fail on a platform with the bank under load: what the failures single out, and a rollback that
/// does not help, as the console tells it and as <c>doctor</c> does while no console answers.
/// </summary>
[Collection(ThreeNodeBankShare.Name)]
public sealed class FailingServiceTests(ThreeNodeBank fixture) : IAsyncLifetime
{
    private const string Nobody = """{"spec":{"selector":{"app.kubernetes.io/name":"nobody"}}}""";
    private const string Accounts = """{"spec":{"selector":{"app.kubernetes.io/name":"accounts"}}}""";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private RunningPlatform Platform => fixture.Platform;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await new BankLoad(Platform).CalmAsync();
        await new BankLoad(Platform).RateAsync(40);
    }

    public async ValueTask DisposeAsync()
    {
        await new BankLoad(Platform).RateAsync(BankLoad.Quiet);
        _http.Dispose();
    }

    [Fact]
    public async Task A_version_that_fails_beside_one_that_works_is_singled_out()
    {
        var canary = Canary(await File.ReadAllTextAsync(
            Tests.Architecture.SourceTree.Path("samples/bank/broken/payments.yaml"), Cancel));
        var file = Path.Combine(Platform.Data, "canary.yaml");
        await File.WriteAllTextAsync(file, canary, Cancel);
        (await Platform.KubectlAsync(Cancel, "apply", "-f", file)).Succeeded();
        try
        {
            var failing = await RaisedAsync("service-failing", "service/bank/payments", signal =>
                Evidence(signal, "version").StartsWith("payments-canary-", StringComparison.Ordinal));

            Assert.Equal("", Evidence(failing, "dependency"));
            var why = (await Platform.VerbAsync(Cancel, "why", "payments.bank")).Failed().Output;
            Assert.Contains("pods of payments-canary-", why, StringComparison.Ordinal);
            Assert.Contains("those of other versions do not", why, StringComparison.Ordinal);
        }
        finally
        {
            (await Platform.KubectlAsync(Cancel, "delete", "-f", file)).Succeeded();
        }
    }

    [Fact]
    public async Task A_rollback_that_did_not_help_points_to_what_is_shared_with_the_console_or_without()
    {
        await PatchAsync("accounts", Nobody);
        try
        {
            (await Platform.KubectlAsync(
                Cancel, "-n", "bank", "set", "env", "deployment/payments", "RELEASE=blamed")).Succeeded();
            await RolledOutAsync();
            (await Platform.KubectlAsync(Cancel, "-n", "bank", "rollout", "undo", "deployment/payments")).Succeeded();
            await RolledOutAsync();

            var undone = await RaisedAsync("rollback-did-not-help", "deployment/bank/payments", signal =>
                Evidence(signal, "alsoFailing").Contains("bank/accounts", StringComparison.Ordinal));
            Assert.Contains("look at what they share", Text(undone, "summary"), StringComparison.Ordinal);
            Assert.Contains("the change is not the cause", Text(undone, "summary"), StringComparison.Ordinal);
            Assert.StartsWith("Look at the shared layer", Text(undone, "advice"), StringComparison.Ordinal);
            await RaisedAsync("service-failing", "service/bank/payments", signal =>
                Evidence(signal, "dependency") == "bank/accounts");
            await DoctorTellsTheSameWithoutAConsoleAsync();
            await RankingClearsTheDeployAsync();
        }
        finally
        {
            await PatchAsync("accounts", Accounts);
        }

        await new BankLoad(Platform).CalmAsync();
        await new BankLoad(Platform).NothingIsLostOrDoubledAsync();
    }

    private async Task DoctorTellsTheSameWithoutAConsoleAsync()
    {
        using var hold = new ControlPlaneHold(Platform, node: 1);
        await hold.KillAsync(["console"], Cancel);

        var said = await Eventually.GetAsync("doctor tells of the rollback", Patience, async () =>
        {
            var doctor = (await Platform.VerbAsync(Cancel, "doctor")).Failed().Output;
            return doctor.Contains("rollback-did-not-help on deployment/bank/payments", StringComparison.Ordinal)
                ? doctor
                : null;
        }, Cancel);

        Assert.Contains("the change is not the cause", said, StringComparison.Ordinal);
        Assert.Contains("Look at the shared layer", said, StringComparison.Ordinal);
        Assert.Contains("service/bank/payments", said, StringComparison.Ordinal);
        Assert.Contains("no console answers: failing services are judged here", said, StringComparison.Ordinal);
    }

    private async Task RankingClearsTheDeployAsync()
    {
        var changes = await Platform.VerbAsync(
            Cancel, "changes", "--since", "10m", "--for", "payments.bank", "-o", "json");
        using var json = JsonDocument.Parse(changes.Succeeded().Output);
        var lines = json.RootElement.GetProperty("changes").EnumerateArray()
            .Select(line => $"{Text(line, "what")} {Text(line, "kind")} {Text(line, "name")}").ToList();
        var selector = lines.IndexOf("config Service accounts");
        var deploy = lines.IndexOf("deploy Deployment payments");
        Assert.True(selector >= 0 && selector < deploy, string.Join('\n', lines));
    }

    /// <summary>Waits until the console raises it, as it should look.</summary>
    private async Task<JsonElement> RaisedAsync(string name, string subject, Func<JsonElement, bool> isSo) =>
        (await Eventually.GetAsync($"{name} on {subject}", Patience, async () =>
        {
            using var json = JsonDocument.Parse(
                await _http.GetStringAsync($"{Platform.Console}/signals.json", Cancel));
            var found = json.RootElement.GetProperty("signals").EnumerateArray().FirstOrDefault(signal =>
                Text(signal, "name") == name && Text(signal, "subject") == subject);
            return found.ValueKind == JsonValueKind.Object && isSo(found) ? new Found(found.Clone()) : null;
        }, Cancel)).Signal;

    /// <summary>The broken release beside the one that works, behind the same Service.</summary>
    private static string Canary(string broken) => broken
        .Replace("  name: payments\n  namespace", "  name: payments-canary\n  namespace", StringComparison.Ordinal)
        .Replace("replicas: 2", "replicas: 1", StringComparison.Ordinal)
        .Replace("    matchLabels:\n", "    matchLabels:\n      track: canary\n", StringComparison.Ordinal)
        .Replace("      labels:\n", "      labels:\n        track: canary\n", StringComparison.Ordinal);

    private async Task RolledOutAsync() => (await Platform.KubectlAsync(
        Cancel, "-n", "bank", "rollout", "status", "deployment/payments", "--timeout=120s")).Succeeded();

    private async Task PatchAsync(string service, string patch) => (await Platform.KubectlAsync(
        Cancel, "-n", "bank", "patch", "service", service, "--type=merge", "-p", patch)).Succeeded();

    private static string Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static string Evidence(JsonElement signal, string name) => Text(signal.GetProperty("evidence"), name);

    private sealed record Found(JsonElement Signal);
}
