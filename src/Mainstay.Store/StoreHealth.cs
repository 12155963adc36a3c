using Mainstay.Store.Service;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mainstay.Store;

/// <summary>Health over HTTP, in etcd's words, so that what watches etcd can watch this.</summary>
internal static class StoreHealth
{
    public static void Map(WebApplication app, StoreEngine engine)
    {
        app.Map("/health", context => AnswerAsync(context, WhyUnwell(engine), isJson: true));
        // Alive: the process answers. A full disk is no reason to restart it.
        app.Map("/livez", context => AnswerAsync(context, null, isJson: false));
        app.Map("/readyz", context => AnswerAsync(context, WhyUnwell(engine), isJson: false));
        app.Map("/version", context => context.Response.WriteAsync(
            $$"""{"etcdserver":"{{MaintenanceService.Version}}","etcdcluster":"3.5.0"}"""));
    }

    private static string? WhyUnwell(StoreEngine engine)
    {
        if (engine.IsDiskFull)
        {
            return "the disk has no room: writes are refused";
        }

        return engine.View.Use.IsOutOfSpace ? "ALARM NOSPACE" : null;
    }

    private static Task AnswerAsync(HttpContext context, string? unwell, bool isJson)
    {
        context.Response.StatusCode = unwell is null
            ? StatusCodes.Status200OK
            : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = isJson ? "application/json" : "text/plain";
        return context.Response.WriteAsync(isJson
            ? $$"""{"health":"{{(unwell is null ? "true" : "false")}}","reason":"{{unwell}}"}"""
            : unwell ?? "ok");
    }
}
