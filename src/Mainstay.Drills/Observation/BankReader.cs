using System.Text;
using System.Text.Json.Nodes;
using Mainstay.Drills.Timeline;

namespace Mainstay.Drills.Observation;

/// <summary>
/// The customers of the bank, asked on their own address and not through a router: what is observed does not go the way
/// that is drilled.
/// </summary>
internal sealed class BankReader(HttpClient http, Uri customers)
{
    /// <exception cref="HttpRequestException">the load generator does not answer</exception>
    public async Task<IReadOnlyList<JourneyTotals>> TotalsAsync(CancellationToken cancellationToken)
    {
        var text = await http.GetStringAsync(new Uri(customers, "/report"), cancellationToken);
        return Totals(text);
    }

    public async Task SetRateAsync(double perSecond, CancellationToken cancellationToken)
    {
        var rate = new JsonObject { ["perSecond"] = perSecond }.ToJsonString();
        using var body = new StringContent(rate, Encoding.UTF8, "application/json");
        using var answer = await http.PutAsync(new Uri(customers, "/rate"), body, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Reads the whole ledger against what was promised; the customers ask it through their router.</summary>
    public async Task<MoneyRecord> VerifyAsync(CancellationToken cancellationToken)
    {
        try
        {
            var text = await http.GetStringAsync(new Uri(customers, "/verification"), cancellationToken);
            return Money(text);
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException
            && !cancellationToken.IsCancellationRequested)
        {
            return new MoneyRecord(0, 0, 0, 0, 0, $"the ledger could not be read: {fault.Message}");
        }
    }

    internal static IReadOnlyList<JourneyTotals> Totals(string json)
    {
        var journeys = JsonNode.Parse(json)?["journeys"] as JsonArray ?? [];
        return
        [
            .. journeys.OfType<JsonObject>().Select(journey => new JourneyTotals(
                journey["journey"]?.ToString() ?? "",
                Number(journey, "sent"),
                Number(journey, "succeeded"),
                Number(journey, "refused"),
                Number(journey, "failedAttempts"),
                Number(journey, "pending"),
                Number(journey, "shed"))
            {
                LastFailure = journey["lastFailure"]?.ToString() ?? "",
            }),
        ];
    }

    internal static MoneyRecord Money(string json)
    {
        var root = JsonNode.Parse(json) as JsonObject ?? [];
        return new MoneyRecord(
            Number(root, "accepted"), Number(root, "booked"), Count(root, "missing"), Count(root, "doubled"),
            Count(root, "altered"), root.ContainsKey("accepted") ? "" : "the verification says nothing of the ledger");
    }

    private static long Number(JsonObject from, string field) =>
        from[field] is JsonValue value && value.TryGetValue<long>(out var number) ? number : 0;

    private static long Count(JsonObject from, string field) => (from[field] as JsonArray)?.Count ?? 0;
}
