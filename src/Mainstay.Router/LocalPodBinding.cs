using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Mainstay.Kernel;
using Mainstay.Kube;
using Mainstay.Router.Discovery;
using Microsoft.Extensions.Logging;

namespace Mainstay.Router;

/// <summary>
/// Listens on POD_IP:4140 for every pod of the node, as its agent tells. While the agent is not heard the last list
/// stays;
/// the list is kept on the disk, so that a router that starts without an agent listens where the last one did.
/// </summary>
internal sealed class LocalPodBinding : IDisposable
{
    /// <summary>The agent says something at least every 5 s.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private readonly RouterOptions _options;
    private readonly Uri _address;
    private readonly string? _file;
    private readonly DiscoveryWorld _world;
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly Dictionary<IPEndPoint, Caller> _bound = [];
    private readonly HashSet<IPEndPoint> _failed = [];

    public LocalPodBinding(RouterOptions options, Uri agent, DiscoveryWorld world)
    {
        _options = options;
        _address = new Uri(agent, "/local-pods");
        _world = world;
        _file = options.DataDirectory is { } folder ? Path.Combine(folder, "local-pods.json") : null;
    }

    /// <summary>The pods of the list on the disk.</summary>
    public async Task LoadAsync(Listeners listeners)
    {
        if (_file is null || !File.Exists(_file))
        {
            return;
        }

        try
        {
            await BindAsync(listeners, LocalPods.Read(await File.ReadAllBytesAsync(_file)));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException
            or MalformedObjectException)
        {
            _world.Logger.SnapshotRefused(_file, fault.Message);
        }
    }

    public async Task RunAsync(Listeners listeners, CancellationToken cancellationToken)
    {
        var options = new BackoffOptions(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5));
        var backoff = new Backoff(options, _world.Random);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(listeners, backoff, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is HttpRequestException or IOException or JsonException
                or MalformedObjectException or OperationCanceledException or UnauthorizedAccessException)
            {
                if (backoff.Failures == 0)
                {
                    _world.Logger.AgentUnheard(_address, fault.Message);
                }
            }

            await Task.Delay(backoff.Next(), _world.Time, cancellationToken)
                .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task FollowAsync(Listeners listeners, Backoff backoff, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(Silence, _world.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        using var response = await _client.GetAsync(_address, HttpCompletionOption.ResponseHeadersRead, either.Token);
        response.EnsureSuccessStatusCode();
        await using var stream = await response.Content.ReadAsStreamAsync(either.Token);
        var lines = new LineReader(stream, Limits.LocalPodsLineBytesMax);
        while (await lines.NextAsync(either.Token) is { } line)
        {
            silence.CancelAfter(Silence);
            await BindAsync(listeners, LocalPods.Read(line));
            Keep(line);
            backoff.Reset();
        }
    }

    private async Task BindAsync(Listeners listeners, ImmutableArray<LocalPod> pods)
    {
        var wanted = pods.ToDictionary(pod => new IPEndPoint(pod.Address, _options.PodPort), pod => pod.Caller);
        foreach (var (address, caller) in _bound.ToArray())
        {
            // Another pod on the same address is another caller: its calls must not be taken for the old one's.
            if (!wanted.TryGetValue(address, out var now) || now != caller)
            {
                await listeners.CloseAsync(address);
                _bound.Remove(address);
                _world.Logger.PodUnbound(address);
            }
        }

        foreach (var (address, caller) in wanted)
        {
            if (!_bound.ContainsKey(address))
            {
                await BindAsync(listeners, address, caller);
            }
        }
    }

    private async Task BindAsync(Listeners listeners, IPEndPoint address, Caller caller)
    {
        var error = await listeners.OpenAsync(address, caller);
        if (error == 0)
        {
            _bound.Add(address, caller);
            _failed.Remove(address);
            _world.Logger.PodBound(address, caller);
        }
        else if (_failed.Add(address))
        {
            _world.Logger.PodNotBound(address, caller, error);
        }
    }

    private void Keep(ReadOnlyMemory<byte> line)
    {
        if (_file is null)
        {
            return;
        }

        try
        {
            if (!File.Exists(_file) || !File.ReadAllBytes(_file).AsSpan().SequenceEqual(line.Span))
            {
                WholeFile.Write(_file, line.Span);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _world.Logger.NotWritten(_file, fault.Message);
        }
    }
}
