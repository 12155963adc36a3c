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

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task RateAsync(int perSecond)
    {
        using var answer = await platform.CallAsync(
            HttpMethod.Put, "customers.bank", "/rate", $$"""{"perSecond": {{perSecond}}}""", Cancel);
        answer.EnsureSuccessStatusCode();
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
