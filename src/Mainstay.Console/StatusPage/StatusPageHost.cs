using System.Security.Cryptography;
using Mainstay.ConsoleSite.Pages;
using Mainstay.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mainstay.ConsoleSite.StatusPage;

/// <summary>
/// The public page as a process of its own: it needs neither the platform nor the console to stay up, and shares with
/// them only the console's folder, which it can do without.
/// </summary>
public static class StatusPageHost
{
    /// <exception cref="StartException">the options are wrong, or the address is taken</exception>
    public static async Task RunAsync(StatusPageOptions options, CancellationToken cancellationToken)
    {
        options.Validate();
        await using var app = Build(options, TimeProvider.System);
        await ServerOf(options).RunAsync(
            app,
            app.Services.GetRequiredService<ILogger<StatusPageLoop>>().ServesStatusPage,
            app.Services.GetRequiredService<StatusPageLoop>().RunAsync,
            cancellationToken);
    }

    internal static WebApplication Build(StatusPageOptions options, TimeProvider time)
    {
        var builder = ServerOf(options).Builder("Mainstay.StatusPage");
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<PageRenderer>();
        builder.Services.AddSingleton<PageFiles>();
        builder.Services.AddSingleton(_ => new PlatformProbe(
            new HttpMessageInvoker(new SocketsHttpHandler
            {
                UseProxy = false,
                AllowAutoRedirect = false,
                UseCookies = false,
                PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            }),
            options.Console,
            time));
        builder.Services.AddSingleton<StatusPageLoop>();
        var app = builder.Build();
        app.Run(context => ServeAsync(context, app.Services.GetRequiredService<StatusPageLoop>()));
        return app;
    }

    private static PageServer ServerOf(StatusPageOptions options) =>
        new("the status page", options.Listen, BodyBytesMax: 0);

    private static async Task ServeAsync(HttpContext context, StatusPageLoop loop)
    {
        var answer = context.Response;
        answer.Headers.ContentSecurityPolicy =
            "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";
        answer.Headers.XContentTypeOptions = "nosniff";
        answer.Headers["Referrer-Policy"] = "no-referrer";
        answer.Headers.CacheControl = "no-cache";
        var path = context.Request.Path.Value?.TrimStart('/') ?? "";
        path = path.Length == 0 ? "index.html" : path;
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            answer.StatusCode = StatusCodes.Status405MethodNotAllowed;
            answer.Headers.Allow = "GET, HEAD";
        }
        else if (path == "healthz")
        {
            await answer.WriteAsync("ok");
        }
        else if (loop.Served.TryGetValue(path, out var content) && PageFiles.Types.TryGetValue(path, out var type))
        {
            await SendAsync(context, content, type);
        }
        else
        {
            answer.StatusCode = PageFiles.Types.ContainsKey(path)
                ? StatusCodes.Status503ServiceUnavailable
                : StatusCodes.Status404NotFound;
            await answer.WriteAsync($"there is nothing at /{path}; the page is at /\n");
        }
    }

    private static async Task SendAsync(HttpContext context, byte[] content, string type)
    {
        var answer = context.Response;
        answer.ContentType = type;

        // Anyone's page may show our status: that is what the API is for.
        answer.Headers.AccessControlAllowOrigin = "*";
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}\"";
        answer.Headers.ETag = tag;
        if (context.Request.Headers.IfNoneMatch == tag)
        {
            answer.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        answer.ContentLength = content.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await answer.Body.WriteAsync(content, context.RequestAborted);
        }
    }
}
