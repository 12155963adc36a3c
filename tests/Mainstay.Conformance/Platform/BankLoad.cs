using System.Text.Json;

namespace Mainstay.Conformance.Platform;

/// <summary>What the bank's customers have got so far.</summary>
/// <param name="Succeeded">journeys that did</param>
/// <param name="FailedAttempts">calls without a verdict, each of which was sent again</param>
internal sealed record LoadCount(long Succeeded, long FailedAttempts);

/// <summary>The bank's customers on a platform: how many, what they got, and whether the ledger has it.</summary>
internal sealed class BankLoad(RunningPlatform platform)
{
    /// <summary>What the customers come at where no test wants more.</summary>
    public const int Quiet = 5;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CalmPatience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan CalmFor = TimeSpan.FromSeconds(4);

    private static readonly string[] Restless = ["service-failing", "rollback-did-not-help", "fallback-active"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task RateAsync(int perSecond)
    {
        using var answer = await platform.CallAsync(
            HttpMethod.Put, "customers.bank", "/rate", $$"""{"perSecond": {{perSecond}}}""", Cancel);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>
    /// Few customers, and none of them has met a failure for a while: no service fails, none is on its way back from
    /// its fallback. What a test before this one broke has passed.
    /// </summary>
    public async Task CalmAsync()
    {
        await RateAsync(Quiet);
        var (failed, since) = (-1L, Environment.TickCount64);
        await Eventually.TrueAsync("nothing fails any more", CalmPatience, async () =>
        {
            var said = (await platform.VerbAsync(Cancel, "doctor")).Output;
            var now = (await CountAsync()).FailedAttempts;
            if (now != failed || said.Length == 0
                || Restless.Any(name => said.Contains(name, StringComparison.Ordinal)))
            {
                (failed, since) = (now, Environment.TickCount64);
            }

            return Environment.TickCount64 - since > CalmFor.TotalMilliseconds;
        }, Cancel);
    }

    public async Task<LoadCount> CountAsync()
    {
        var report = await platform.ReadAsync("customers.bank", "/report", Cancel);
        return new LoadCount(Sum(report, "succeeded"), Sum(report, "failedAttempts"));
    }

    /// <summary>
    /// Every payment that was accepted stands in the ledger once and as it was asked for. What standin has authorised
    /// a moment ago is on its way there, and is waited for.
    /// </summary>
    public async Task NothingIsLostOrDoubledAsync()
    {
        await Eventually.TrueAsync("nothing accepted is missing", Patience, async () =>
            (await VerificationAsync()).GetProperty("missing").GetArrayLength() == 0, Cancel);
        var audit = await platform.ReadAsync("ledger.bank", "/audit", Cancel);
        Assert.Equal(0, audit.GetProperty("sum").GetInt64());
        Assert.Equal(0, audit.GetProperty("duplicates").GetInt64());
        var verification = await VerificationAsync();
        Assert.True(verification.GetProperty("accepted").GetInt64() > 0, "the customers have paid");
        Assert.Empty(verification.GetProperty("doubled").EnumerateArray());
        Assert.Empty(verification.GetProperty("altered").EnumerateArray());
    }

    private Task<JsonElement> VerificationAsync() => platform.ReadAsync("customers.bank", "/verification", Cancel);

    private static long Sum(JsonElement report, string field) => report.GetProperty("journeys").EnumerateArray()
        .Sum(journey => journey.GetProperty(field).GetInt64());
}
