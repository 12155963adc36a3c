using System.Collections.Concurrent;

namespace Mainstay.Conformance.Router;

/// <summary>Calls one service through one router, again and again, and keeps what went wrong.</summary>
internal sealed class SteadyCaller : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(40);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly CancellationTokenSource _stop = new();
    private readonly Uri _router;
    private readonly string _service;
    private readonly Task _loop;
    private int _answered;

    private SteadyCaller(Uri router, string service)
    {
        (_router, _service) = (router, service);
        _loop = Task.Run(RunAsync);
    }

    public int Answered => Volatile.Read(ref _answered);

    /// <summary>What each failed call said.</summary>
    public ConcurrentQueue<string> Failures { get; } = new();

    public static SteadyCaller Start(Uri router, string service) => new(router, service);

    /// <summary>No call is under way after it.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _loop;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        while (!_stop.IsCancellationRequested)
        {
            await CallAsync();
            try
            {
                await timer.WaitForNextTickAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task CallAsync()
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _router);
            request.Headers.Host = _service;
            using var answer = await _http.SendAsync(request, CancellationToken.None);
            var body = await answer.Content.ReadAsStringAsync(CancellationToken.None);
            if (answer.IsSuccessStatusCode)
            {
                Interlocked.Increment(ref _answered);
            }
            else
            {
                Failures.Enqueue($"{(int)answer.StatusCode} {body}");
            }
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
        {
            Failures.Enqueue(fault.Message);
        }
    }
}
