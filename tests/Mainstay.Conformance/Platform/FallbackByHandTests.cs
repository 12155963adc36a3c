using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Mainstay.Conformance.Platform;

/// <summary><c>mainstay fallback on|off</c>: an operator has payments answered by standin, and lets go of it.</summary>
[Collection(ThreeNodeBankShare.Name)]
public sealed class FallbackByHandTests(ThreeNodeBank fixture) : IAsyncLifetime
{
    /// <summary>Enough transfers, which standin does not take, to be seen failing while the action bakes.</summary>
    private const int Busy = 30;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    private readonly RunningPlatform _platform = fixture.Platform;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly string _run = $"by-hand-{new Random().NextInt64():x}";
    private int _number;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        await Eventually.TrueAsync("every part is well", TimeSpan.FromSeconds(120), async () =>
            (await _platform.StatusAsync(Cancel)).ExitCode == 0, Cancel);

    /// <summary>Whatever became of the test, the next one finds payments as it was.</summary>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        (await _platform.KubectlAsync(
            CancellationToken.None, "-n", "bank", "annotate", "service", "payments", "mainstay.dev/fallback-active-"))
            .Succeeded();
    }

    [Fact]
    public async Task Standin_pays_while_it_is_on_and_payments_comes_back_slowly_once_it_is_off()
    {
        await new BankLoad(_platform).CalmAsync();
        await PaysItselfAsync();
        Assert.Contains("bank/payments  auto  standin", await SaidAsync("list"), StringComparison.Ordinal);
        Assert.Contains("it would go", await SaidAsync("on", "payments.bank", "--plan"), StringComparison.Ordinal);
        Assert.Equal("", (await PayAsync()).By);
        await new BankLoad(_platform).RateAsync(Busy);

        await DoneAsync("on");
        await Eventually.TrueAsync("standin answers", Patience, async () =>
            (await PayAsync()).By == "standin.bank", Cancel);
        var whileOn = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PayAsync()));
        Assert.All(whileOn, answer => Assert.Equal((200, "authorised"), (answer.Status, answer.Word)));
        Assert.Equal(503, (await PayAsync(to: "acc-bob")).Status);
        await SignalAsync(isActive: true);
        Assert.Contains("bank/payments  on    standin", await SaidAsync("list"), StringComparison.Ordinal);

        var answers = await WhilePayingAsync(() => DoneAsync("off"));
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        var lastByStandin = Array.FindLastIndex(answers, answer => answer.By.Length > 0);
        var firstByItself = Array.FindIndex(answers, answer => answer.By.Length == 0);
        Assert.True(firstByItself < lastByStandin, "single calls try payments before all calls go there");

        foreach (var paid in whileOn.Concat(answers))
        {
            await BookedOnceAsync(paid.Id);
        }

        await SignalAsync(isActive: false);
        await new BankLoad(_platform).NothingIsLostOrDoubledAsync();
        var changes = (await _platform.VerbAsync(Cancel, "changes", "--since", "10m")).Succeeded().Output;
        Assert.Contains("fallback on bank/payments done", changes, StringComparison.Ordinal);
        Assert.Contains("fallback off bank/payments done", changes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "the service declares none (mainstay.dev/fallback)", "on", "cards.bank", "--yes")]
    [InlineData(1, "FAIL  service bank/nobody", "on", "nobody.bank", "--yes")]
    [InlineData(1, "it is auto already", "off", "payments.bank", "--yes")]
    [InlineData(2, "Required argument 'service' missing", "on")]
    public async Task What_cannot_be_taken_is_refused_with_the_reason(int exit, string told, params string[] words)
    {
        var answer = await _platform.VerbAsync(Cancel, ["fallback", .. words]);

        Assert.Equal(exit, answer.ExitCode);
        Assert.Contains(told, answer.Output + answer.Error, StringComparison.Ordinal);
        await PaysItselfAsync();
    }

    private async Task PaysItselfAsync() => await Eventually.TrueAsync(
        "payments answers itself", TimeSpan.FromSeconds(120), async () =>
            await PayAsync() is { Status: 200, By: "" }, Cancel);

    private async Task<string> SaidAsync(params string[] words) =>
        (await _platform.VerbAsync(Cancel, ["fallback", .. words])).Succeeded().Output;

    private async Task DoneAsync(string word) => (await _platform.OnceItGoesAsync(
        Cancel, "fallback", word, "payments.bank", "--yes")).Succeeded();

    /// <summary>Pays without pause from before the story until payments has answered ten in a row.</summary>
    private async Task<Paid[]> WhilePayingAsync(Func<Task> story)
    {
        var answers = new ConcurrentQueue<Paid>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var paying = PayOnAsync(answers, stop.Token);
        await story();
        await Eventually.TrueAsync("payments answers everything itself", Patience, () => Task.FromResult(
            paying.IsFaulted || (answers.Count > 10 && answers.TakeLast(10).All(answer => answer.By.Length == 0))),
            Cancel);
        await stop.CancelAsync();
        await paying;
        return [.. answers];
    }

    private async Task PayOnAsync(ConcurrentQueue<Paid> answers, CancellationToken stop)
    {
        using var pace = new PeriodicTimer(Pace);
        try
        {
            while (await pace.WaitForNextTickAsync(stop))
            {
                answers.Enqueue(await PayAsync());
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !Cancel.IsCancellationRequested)
        {
            // Enough was paid.
        }
    }

    /// <summary>What the gateway sends to payments, through the router of node 1.</summary>
    private async Task<Paid> PayAsync(string to = "merchant-coffee")
    {
        var id = $"{_run}-{Interlocked.Increment(ref _number)}";
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_platform.Router}/payments");
        request.Headers.Host = "payments.bank";
        request.Headers.Add("Idempotency-Key", id);
        request.Content = new StringContent(
            $$"""{"id":"{{id}}","from":"acc-carol","to":"{{to}}","amount":1,"reference":"by hand"}""",
            Encoding.UTF8, "application/json");
        using var answer = await _http.SendAsync(request, Cancel);
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));
        var by = answer.Headers.TryGetValues("mainstay-fallback", out var who) ? who.Single() : "";
        var word = body.RootElement.TryGetProperty("status", out var status) ? status.ToString() : "";
        return new Paid(id, (int)answer.StatusCode, by, word);
    }

    private async Task BookedOnceAsync(string id) =>
        await Eventually.TrueAsync($"{id} is booked", Patience, async () =>
        {
            using var answer = await _platform.CallAsync(
                HttpMethod.Get, "ledger.bank", $"/transactions/{id}", null, Cancel);
            return answer.StatusCode == HttpStatusCode.OK;
        }, Cancel);

    private Task SignalAsync(bool isActive) => Eventually.TrueAsync(
        $"fallback-active is {(isActive ? "told" : "over")}", Patience, async () =>
        {
            var doctor = await _platform.VerbAsync(Cancel, "doctor");
            return doctor.Output.Contains("fallback-active", StringComparison.Ordinal) == isActive;
        }, Cancel);

    private sealed record Paid(string Id, int Status, string By, string Word);
}
