using System.Net;
using System.Net.Sockets;
using Mainstay.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Mainstay.ConsoleSite;

/// <summary>How the console and the public page serve: the same server, the same log, the same start and end.</summary>
/// <param name="What">in messages: <c>the console</c></param>
/// <param name="Listen">the one address</param>
/// <param name="BodyBytesMax">of a request; 0 takes none</param>
internal sealed record PageServer(string What, IPEndPoint Listen, long BodyBytesMax)
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    /// <param name="name">of the application, in its log</param>
    public WebApplicationBuilder Builder(string name)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = name });
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
            kestrel.Listen(Listen, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        return builder;
    }

    /// <summary>Serves until the loops end, which is when they are cancelled, or by a fault.</summary>
    /// <param name="app">made by <see cref="Builder"/></param>
    /// <param name="serves">told where it serves</param>
    /// <param name="loops">what runs beside the pages</param>
    /// <param name="cancellationToken">ends it</param>
    /// <exception cref="StartException">the address is taken</exception>
    public async Task RunAsync(
        WebApplication app, Action<string> serves, Func<CancellationToken, Task> loops,
        CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            throw new StartException(
                $"{What} cannot listen on {Listen}: {fault.Message}", "name another address with --listen");
        }

        serves(new Uri(app.Urls.First()).Authority);
        try
        {
            await loops(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop.
        }

        using var grace = new CancellationTokenSource(StopGrace);
        await app.StopAsync(grace.Token);
    }
}
