using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mainstay.Tests.Drills.Faults;

/// <summary>Answers every call with <see cref="Body"/>, and every watch with the events that the test sends.</summary>
internal sealed class ScriptedApi : IAsyncDisposable
{
    private readonly Channel<string> _events = Channel.CreateBounded<string>(16);
    private readonly WebApplication _app;

    public ScriptedApi()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public string Body { get; set; } = "{}";

    public string LastRequest { get; private set; } = "";

    public Uri Url => new(_app.Urls.First());

    public Task StartAsync() => _app.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask SendEventAsync(string line) => _events.Writer.WriteAsync(line);

    public async ValueTask DisposeAsync()
    {
        _events.Writer.TryComplete();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var request = http.Request;
        using var body = new StreamReader(request.Body);
        LastRequest = $"{request.Method} {request.Path}{request.QueryString} {request.Headers.Authorization} "
            + await body.ReadToEndAsync(http.RequestAborted);
        http.Response.ContentType = "application/json";
        if (!request.Query.ContainsKey("watch"))
        {
            await http.Response.WriteAsync(Body, http.RequestAborted);
            return;
        }

        await http.Response.Body.FlushAsync(http.RequestAborted);
        await foreach (var line in _events.Reader.ReadAllAsync(http.RequestAborted))
        {
            await http.Response.WriteAsync(line + "\n", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }
}
