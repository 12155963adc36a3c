using Mainstay.ConsoleSite;
using Microsoft.AspNetCore.Builder;

namespace Mainstay.Tests.ConsoleSite;

/// <summary>A console in this process, on a port that the system chose.</summary>
internal sealed class RunningConsole : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http = new();
    private readonly WebApplication _app;
    private readonly Task _loops;

    private RunningConsole(WebApplication app, ConsoleOptions options)
    {
        _app = app;
        _loops = ConsoleHost.RunLoopsAsync(app.Services, options, _stop.Token);
    }

    public Uri Address => new(_app.Urls.First());

    public static async Task<RunningConsole> StartAsync(ConsoleOptions options)
    {
        var app = ConsoleHost.Build(options, TimeProvider.System);
        await app.StartAsync();
        return new RunningConsole(app, options);
    }

    /// <summary>Reads the page until it says what is waited for.</summary>
    public async Task UntilAsync(Func<string, bool> reached)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        var page = "";
        while (!reached(page))
        {
            Assert.False(deadline.IsCancellationRequested, page);
            Assert.False(_loops.IsFaulted, _loops.Exception?.ToString());
            page = await _http.GetStringAsync(Address);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _loops);
        await _app.StopAsync();
        await _app.DisposeAsync();
        _http.Dispose();
        _stop.Dispose();
    }
}
