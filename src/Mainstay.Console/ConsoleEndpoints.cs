using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mainstay.ConsoleSite.Overview;
using Mainstay.ConsoleSite.Pages;
using Mainstay.ConsoleSite.Signals;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Mainstay.ConsoleSite;

/// <summary>The addresses of the console.</summary>
internal static class ConsoleEndpoints
{
    private static readonly string[] PageMethods = ["GET", "HEAD"];

    public static void Map(WebApplication app)
    {
        var source = app.Services.GetRequiredService<OverviewSource>();
        app.Use(next => context => GuardAsync(context, next));
        SitePages.Map(app);
        ActionPages.Map(app);
        IncidentPages.Map(app);
        app.MapGet("/events", context => StreamAsync(context, app));
        app.MapGet("/api/overview", context => JsonAsync(context, source));
        SignalEndpoints.Map(app);
        app.MapMethods("/healthz", PageMethods, context => context.Response.WriteAsync("ok"));
        app.MapGet("/assets/{version}/{name}", AssetAsync);
        app.MapPrometheusScrapingEndpoint("/metrics");
    }

    /// <summary>Nothing from elsewhere is loaded, nothing frames the page, and every unknown address says so.</summary>
    private static async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";
        headers.XContentTypeOptions = "nosniff";
        // Not "no-referrer": with it browsers send a form's Origin as null, and FormGuard refuses that.
        headers["Referrer-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        if (context.GetEndpoint() is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            await context.Response.WriteAsync($"there is nothing at {context.Request.Path}; the overview is at /\n");
            return;
        }

        await next(context);
    }

    private static async Task JsonAsync(HttpContext context, OverviewSource source)
    {
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(
            context.Response.Body, source.Now(), ConsoleJson.Default.OverviewPageModel, context.RequestAborted);
    }

    private static async Task AssetAsync(HttpContext context)
    {
        if (context.Request.RouteValues["name"] is not string name || SiteFiles.Find(name) is not { } asset)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = asset.ContentType;
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        await context.Response.Body.WriteAsync(asset.Content, context.RequestAborted);
    }

    /// <summary>Server-sent events: each is one live part, sent when it differs from what this page has.</summary>
    private static async Task StreamAsync(HttpContext context, WebApplication app)
    {
        var islands = app.Services.GetRequiredService<LiveIslands>();
        if (islands.Open() is not { } stream)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "30";
            return;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, app.Lifetime.ApplicationStopping);
        try
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("retry: 2000\n\n", end.Token);
            await context.Response.Body.FlushAsync(end.Token);
            var sent = new Dictionary<string, string>(StringComparer.Ordinal);
            await foreach (var update in stream.Reader.ReadAllAsync(end.Token))
            {
                foreach (var island in update.Where(island => sent.GetValueOrDefault(island.Id) != island.Html))
                {
                    await context.Response.WriteAsync(Event(island), end.Token);
                    sent[island.Id] = island.Html;
                }

                await context.Response.Body.FlushAsync(end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The page has gone, or the console stops.
        }
        finally
        {
            islands.Close(stream);
        }
    }

    private static string Event(Island island)
    {
        var text = new StringBuilder("event: ").Append(island.Id).Append('\n');
        foreach (var line in island.Html.AsSpan().EnumerateLines())
        {
            text.Append("data: ").Append(line).Append('\n');
        }

        return text.Append('\n').ToString();
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(OverviewPageModel))]
internal sealed partial class ConsoleJson : JsonSerializerContext;
