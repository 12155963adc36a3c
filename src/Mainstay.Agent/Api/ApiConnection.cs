using Mainstay.Kernel;
using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.Agent.Api;

/// <summary>
/// The way to the API server. There may be no kubeconfig yet, and no server behind it: the agent runs all the same
/// and keeps trying. Thread safe.
/// </summary>
internal sealed class ApiConnection(string? kubeconfig, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly BackoffOptions Pace = new(Limits.ApiRetryFirst, Limits.ApiRetryCap);
    private readonly TaskCompletionSource<KubeHttp> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Null until the kubeconfig could be read.</summary>
    public KubeHttp? Current => _ready.Task.IsCompletedSuccessfully ? _ready.Task.Result : null;

    public Task<KubeHttp> WaitAsync(CancellationToken cancellationToken) => _ready.Task.WaitAsync(cancellationToken);

    /// <summary>Until the kubeconfig could be read; for ever without one.</summary>
    public async Task RunAsync(Random random, CancellationToken cancellationToken)
    {
        if (kubeconfig is null)
        {
            return;
        }

        var backoff = new Backoff(Pace, random);
        var lastFault = "";
        while (true)
        {
            try
            {
                _ready.SetResult(KubeHttp.Create(
                    Kubeconfig.Load(kubeconfig), new KubeHttpOptions { RequestTimeout = Limits.ApiCall, Time = time }));
                return;
            }
            catch (Exception e) when (e is KubeconfigException or IOException or UnauthorizedAccessException)
            {
                if (e.Message != lastFault)
                {
                    AgentLog.KubeconfigRefused(logger, kubeconfig, e.Message);
                    lastFault = e.Message;
                }
            }

            await Task.Delay(backoff.Next(), time, cancellationToken);
        }
    }

    /// <summary>A failure that the API server, or the way to it, is the reason of.</summary>
    public static bool IsOfTheWorld(Exception e) =>
        e is HttpRequestException or IOException or KubeStatusException or TimeoutException
            or System.Text.Json.JsonException or System.Net.Sockets.SocketException
            or System.Security.Authentication.AuthenticationException;

    public void Dispose() => Current?.Dispose();
}

/// <summary>
/// One word that says "look again"; said many times before it is heard, it is heard once. Thread safe.
/// </summary>
internal sealed class Nudge
{
    private readonly System.Threading.Channels.Channel<bool> _said =
        System.Threading.Channels.Channel.CreateBounded<bool>(
            new System.Threading.Channels.BoundedChannelOptions(1)
            {
                FullMode = System.Threading.Channels.BoundedChannelFullMode.DropWrite,
            });

    public void Say() => _said.Writer.TryWrite(true);

    /// <returns>false if it was not said for so long</returns>
    public async Task<bool> HearAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var alarm = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(alarm.Token, cancellationToken);
        try
        {
            return await _said.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
