using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Scrape;

/// <summary>
/// Reads one router once: its table and its counters, within the deadline, never more than the limit.
/// </summary>
internal sealed class RouterClient(HttpMessageHandler handler, TimeProvider time) : IDisposable
{
    private readonly HttpClient _http = new(handler)
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = Limits.ScrapeBytesMax,
    };

    /// <summary>For one reading, both answers together.</summary>
    public TimeSpan Deadline { get; init; } = Limits.ScrapeDeadline;

    public async Task<RouterReading> ReadAsync(Uri router, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var tableBytes = await _http.GetByteArrayAsync(new Uri(router, "/table.json"), either.Token);
            var metricsText = await _http.GetStringAsync(new Uri(router, "/metrics"), either.Token);
            using var table = JsonDocument.Parse(tableBytes);
            var exposition = PrometheusText.Read(metricsText, RouterCounters.Prefix);
            return new RouterReading(
                RouterTable.Read(table.RootElement), RouterCounters.From(exposition.Samples), exposition, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return RouterReading.Failed($"no answer within {Deadline.TotalMilliseconds:F0} ms");
        }
        catch (Exception fault) when (fault is HttpRequestException or JsonException or MalformedObjectException
            or ArgumentException)
        {
            return RouterReading.Failed(fault.GetBaseException().Message);
        }
    }

    public void Dispose() => _http.Dispose();
}

/// <param name="Fault">why there is no table; null if there is one</param>
internal sealed record RouterReading(
    RouterTable? Table, RouterCounters? Counters, Exposition? Exposition, string? Fault)
{
    public static RouterReading Failed(string fault) => new(null, null, null, fault);
}
