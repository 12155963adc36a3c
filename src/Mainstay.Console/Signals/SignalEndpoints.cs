using Mainstay.Kernel.Signals;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mainstay.ConsoleSite.Signals;

/// <summary>
/// <c>/api/signals</c>: the report of the whole platform, 503 until the first is made. <c>/signals.json</c>: what the
/// console itself raises, as every part has it.
/// </summary>
internal static class SignalEndpoints
{
    public static void Map(WebApplication app)
    {
        var watch = app.Services.GetRequiredService<SignalWatch>();
        var time = app.Services.GetRequiredService<TimeProvider>();
        app.MapGet("/api/signals", context => ReportAsync(context, watch));
        app.MapGet("/signals.json", context => OwnAsync(context, watch, time));
    }

    private static async Task ReportAsync(HttpContext context, SignalWatch watch)
    {
        context.Response.ContentType = "application/json";
        if (watch.Report is not { } report)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsync(
                """{"reason":"the first report is being made"}""", context.RequestAborted);
            return;
        }

        await context.Response.Body.WriteAsync(SignalReportJson.Write(report), context.RequestAborted);
    }

    private static async Task OwnAsync(HttpContext context, SignalWatch watch, TimeProvider time)
    {
        var own = new SignalsReport("console", "", time.GetUtcNow(), watch.Board.Active, []);
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(SignalsJson.Write(own), context.RequestAborted);
    }
}
