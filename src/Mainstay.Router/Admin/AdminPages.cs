using System.Text;
using Mainstay.Router.Metrics;
using Mainstay.Router.Pipeline;

namespace Mainstay.Router.Admin;

/// <param name="Status">the code and its phrase</param>
/// <param name="ContentType">of the body</param>
/// <param name="Body">the whole of it</param>
internal sealed record AdminAnswer(string Status, string ContentType, ReadOnlyMemory<byte> Body)
{
    public static AdminAnswer Text(string status, string text) =>
        new(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));
}

/// <summary>What the admin port shows, and the little that it does.</summary>
internal sealed class AdminPages(
    IReadOnlyList<RouterLoop> loops, TableSource tables, RouterMetrics metrics, TablePage page)
{
    private const string FallbackPath = "/fallback/";

    private const string Unknown =
        "there are /metrics, /table.json, /signals.json, /proof.json, /healthz and /readyz\n";

    public required SignalsPage Signals { get; init; }

    public required ProofPage Proof { get; init; }

    public required FallbackControl Fallbacks { get; init; }

    public AdminAnswer Get(string path) => path switch
    {
        "/metrics" => new(
            "200 OK", "text/plain; version=0.0.4; charset=utf-8", Encoding.UTF8.GetBytes(metrics.Render())),
        "/table.json" => new("200 OK", "application/json", page.Render()),
        "/signals.json" => new("200 OK", "application/json", Signals.Render()),
        "/proof.json" => new("200 OK", "application/json", Proof.Render()),
        "/healthz" => Health(),
        "/readyz" => Readiness(),
        _ => AdminAnswer.Text("404 Not Found", Unknown),
    };

    /// <summary>What the admin port does when asked to; null when there is no such thing.</summary>
    public Task<AdminAnswer>? Post(string path, string query) =>
        path == "/prove" ? ProveAsync()
        : path.StartsWith(FallbackPath, StringComparison.Ordinal)
            ? Task.FromResult(Want(path[FallbackPath.Length..], query))
            : null;

    private AdminAnswer Want(string service, string query)
    {
        const string Active = "active=";
        var active = query.StartsWith(Active, StringComparison.Ordinal) ? query[Active.Length..] : "";
        return Fallbacks.Want(service, active) is { } fault
            ? AdminAnswer.Text("400 Bad Request", fault + "\n")
            : AdminAnswer.Text("200 OK", "ok\n");
    }

    private async Task<AdminAnswer> ProveAsync() =>
        new("200 OK", "application/json", await Proof.ProveAsync());

    /// <summary>A loop that waits turns every second, so one that has not turned for long hangs in something.</summary>
    private AdminAnswer Health()
    {
        for (var index = 0; index < loops.Count; index++)
        {
            var events = loops[index].Events;
            var silent = (events.ReadClock() - events.LastTurnMicros) / 1000;
            if (silent > Limits.StuckMilliseconds)
            {
                var text = $"event loop {index} has not turned for {silent} ms\n";
                return AdminAnswer.Text("503 Service Unavailable", text);
            }
        }

        return AdminAnswer.Text("200 OK", "ok\n");
    }

    private AdminAnswer Readiness() => tables.Current.Revision > 0
        ? AdminAnswer.Text("200 OK", "ok\n")
        : AdminAnswer.Text(
            "503 Service Unavailable", "there is no table yet: neither the API server nor a snapshot gave one\n");
}
