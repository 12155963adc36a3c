using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using Mainstay.Kernel;

namespace Mainstay.Kube;

/// <summary>
/// Keeps a copy of one collection: a list, then a watch from the list's revision, for ever. An example:
/// <code>
///     list   -> Replaced {a, b} at 7
///     watch from 7: MODIFIED b at 8 -> Changed b;  BOOKMARK 9;  ADDED c, which makes no sense, at 10 -> Quarantined c
///     silence for longer than the idle limit -> the watch is dropped, a new one is opened from 10
///     410 -> list again -> Replaced
///     Relist("why") -> whatever is under way is dropped, list again -> Repaired, if the watch had missed something
/// </code>
/// A server that is down, fails, lies in JSON or goes silent is tried again, with back-off; what was known stays known.
/// One loop owns all state; <see cref="Status"/>, <see cref="Quarantine"/> and <see cref="Relist"/> are for any thread.
/// </summary>
public sealed class Reflector<T>
    where T : class
{
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromSeconds(1);

    private readonly ReflectorOptions _options;
    private readonly KubeHttp _http;
    private readonly IReflectorHandler<T> _handler;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly Backoff _backoff;
    private readonly ReflectorJournal<T> _journal;
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Lock _lock = new();

    private string? _askedFor;
    private CancellationTokenSource? _attempt;
    private string? _repairing;
    private string? _revision;
    private int _barren;
    private int _shortWatches;
    private ReflectorStatus _status;
    private long _heardAt;
    private int _undecodable;

    /// <summary>A revision was lost and no watch has lasted since.</summary>
    private bool _listedSinceLost;

    public Reflector(ReflectorOptions options, ObjectReader<T> read, IReflectorHandler<T> handler, ReflectorWorld world)
    {
        _options = options;
        _handler = handler;
        (_http, _time, _random) = world;
        _backoff = new Backoff(options.Backoff, _random);
        _journal = new ReflectorJournal<T>(options, read, handler, _time);
        _status = new ReflectorStatus(ReflectorPhase.Starting, false, "", null, _http.Server);
    }

    /// <summary>Completes after the first list.</summary>
    public Task Synced => _synced.Task;

    public string Kind => _options.Kind;

    public ReflectorStatus Status
    {
        get
        {
            var heardAt = Volatile.Read(ref _heardAt);
            var status = Volatile.Read(ref _status);
            return status with { HeardAgo = heardAt == 0 ? null : _time.GetElapsedTime(heardAt) };
        }
    }

    /// <summary>The objects that make no sense now.</summary>
    public ImmutableDictionary<ObjectKey, QuarantinedObject> Quarantine => _journal.Quarantine;

    /// <summary>
    /// Drops the list, watch or wait that is under way and lists again, without a resourceVersion, which is by quorum,
    /// from the server that is in use by then (<see cref="KubeHttp.Leave"/> before, to have it from another). What the
    /// watch had missed is told by <see cref="IReflectorHandler{T}.Repaired"/>.
    /// </summary>
    /// <param name="reason">one line, for that report</param>
    public void Relist(string reason)
    {
        CancellationTokenSource? attempt;
        lock (_lock)
        {
            _askedFor = reason;
            attempt = _attempt;
        }
        try
        {
            attempt?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself meanwhile; the next one sees what is asked for.
        }
    }

    /// <summary>Runs until cancelled, and then returns. An exception from here is a bug.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Begin(attempt);
            // Others who share the client may leave it meanwhile: this attempt stays where its status says.
            var server = _http.Server;
            Set(s => s with { Server = server });
            try
            {
                await ListAndWatchAsync(server, attempt.Token);
            }
            catch (OperationCanceledException) when (attempt.IsCancellationRequested)
            {
                // The end, or another list is asked for.
            }
        }
    }

    private void Begin(CancellationTokenSource attempt)
    {
        lock (_lock)
        {
            _attempt = attempt;
            if (_askedFor is not null)
            {
                (_repairing, _revision, _askedFor) = (_askedFor, null, null);
            }
        }
    }

    private async Task ListAndWatchAsync(Uri server, CancellationToken cancellationToken)
    {
        try
        {
            if (_revision is null)
            {
                await ListAsync(server, cancellationToken);
            }
            await WatchAsync(server, cancellationToken);
        }
        catch (Exception fault) when (IsOfTheWorld(fault))
        {
            // A stream that is cut off at our own end may fail in any way.
            cancellationToken.ThrowIfCancellationRequested();
            await WaitAsync(server, fault, cancellationToken);
        }
    }

    private async Task ListAsync(Uri server, CancellationToken cancellationToken)
    {
        Set(s => s with { Phase = ReflectorPhase.Listing });
        string revision;
        try
        {
            revision = await ReadPagesAsync(server, whole: false, cancellationToken);
        }
        catch (KubeStatusException fault) when (fault.IsRevisionLost)
        {
            // The list took longer than the server remembers: all of it at once cannot be overtaken.
            revision = await ReadPagesAsync(server, whole: true, cancellationToken);
        }
        _revision = revision;
        _backoff.Reset();
        (_undecodable, _barren) = (0, 0);
        _journal.Deliver(revision, _repairing);
        _repairing = null;
        Set(s => s with { Synced = true, Revision = revision, Lists = s.Lists + 1 });
        _synced.TrySetResult();
    }

    private async Task<string> ReadPagesAsync(Uri server, bool whole, CancellationToken cancellationToken)
    {
        _journal.BeginList();
        var continueFrom = "";
        while (true)
        {
            var request = new KubeRequest(HttpMethod.Get, _options.ListPath(continueFrom, whole))
            {
                AnswerBytesMax = Limits.ListPageBytesMax,
                Server = server,
            };
            using var page = await _http.AnswerAsync(request, cancellationToken);
            Heard();
            if (_options.IsStrict && page.RootElement.Field("items") is null)
            {
                throw new WatchBrokenException($"the list of {_options.Kind} has null for items");
            }
            foreach (var item in page.RootElement.Items("items"))
            {
                _journal.TakeListed(item);
            }
            var metadata = page.RootElement.Child("metadata");
            var revision = metadata?.Text("resourceVersion") ?? "";
            if (revision.Length == 0)
            {
                throw new WatchBrokenException("the list has no metadata.resourceVersion");
            }
            continueFrom = metadata?.Text("continue") ?? "";
            if (continueFrom.Length == 0)
            {
                return revision;
            }
        }
    }

    private async Task WatchAsync(Uri server, CancellationToken cancellationToken)
    {
        Invariant.That(_revision is not null, "a watch starts from a revision");
        var seconds = (int)(_options.WatchTimeout.TotalSeconds * (1 + _random.NextDouble()));
        var request = new KubeRequest(HttpMethod.Get, _options.WatchPath(_revision, Math.Max(1, seconds)))
        {
            Server = server,
        };
        var startedAt = _time.GetTimestamp();
        using var response = await _http.OpenAsync(request, cancellationToken);
        Heard();
        Set(s => s with { Phase = ReflectorPhase.Watching, Watches = s.Watches + 1, LastFault = "" });
        var anything = false;
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var lines = new WatchLines(body, _options.IdleLimit, _time);
        while (await lines.NextAsync(cancellationToken) is { } line)
        {
            Heard();
            TakeOrCount(line);
            anything = true;
            if (_time.GetElapsedTime(startedAt) >= ShortestWatch)
            {
                _backoff.Reset();
                _listedSinceLost = false;
            }
        }
        _shortWatches = _time.GetElapsedTime(startedAt) < ShortestWatch ? _shortWatches + 1 : 0;
        // With events it may happen once; a server that ends each watch behind its first event is not asked without
        // pause.
        if (_shortWatches > (anything ? 1 : 0))
        {
            if (!anything)
            {
                CountBarren();
            }
            throw new WatchBrokenException("the server ended the watch at once");
        }
    }

    /// <summary>A watch that opens and brings only errors or garbage, again and again: only a list can go
    /// on.</summary>
    private void TakeOrCount(ReadOnlyMemory<byte> line)
    {
        try
        {
            Take(line);
            _barren = 0;
        }
        catch (Exception fault) when (fault is KubeStatusException or WatchBrokenException)
        {
            CountBarren();
            throw;
        }
    }

    private void CountBarren()
    {
        if (++_barren >= Limits.BarrenWatchesMax)
        {
            (_revision, _barren) = (null, 0);
        }
    }

    private void Take(ReadOnlyMemory<byte> line)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(line);
        }
        catch (JsonException fault)
        {
            // Nobody can say which object this was. A second time at the same place, the list must tell.
            _undecodable++;
            _revision = _undecodable >= 2 ? null : _revision;
            throw new WatchBrokenException($"an event is no JSON: {fault.Message}");
        }
        using (document)
        {
            var payload = document.RootElement.Field("object") ?? default;
            switch (document.RootElement.Text("type"))
            {
                case "ADDED" or "MODIFIED":
                    Advance(_journal.Change(payload));
                    break;
                case "DELETED":
                    Advance(_journal.Delete(payload));
                    break;
                case "BOOKMARK":
                    Advance(ReflectorJournal<T>.RevisionOf(payload));
                    break;
                case "ERROR":
                    throw KubeStatusException.Of(payload);
                default:
                    break;
            }
        }
    }

    private void Advance(string revision)
    {
        if (revision.Length == 0)
        {
            return;
        }
        _undecodable = 0;
        if (_revision is null || !ResourceVersion.IsOlder(revision, _revision))
        {
            _revision = revision;
            Set(s => s with { Revision = revision });
        }
    }

    private async Task WaitAsync(Uri server, Exception fault, CancellationToken cancellationToken)
    {
        var isLost = fault is KubeStatusException { IsRevisionLost: true };
        if (isLost || fault is MalformedObjectException)
        {
            _revision = null;
        }
        // A server that was restarted has lost its history: it answers, and what it asks for is a list. Once; one that
        // has just given a list and does not know its revision is tried again more and more slowly.
        var delay = isLost && !_listedSinceLost ? TimeSpan.Zero : _backoff.Next();
        _listedSinceLost = isLost || _listedSinceLost;
        if (fault is KubeStatusException { RetryAfter: { } asked } && asked > delay)
        {
            delay = asked < TimeSpan.FromMinutes(1) ? asked : TimeSpan.FromMinutes(1);
        }
        if (delay > TimeSpan.Zero)
        {
            _http.Leave(server);
        }
        Set(s => s with { Phase = ReflectorPhase.BackingOff, LastFault = fault.Message });
        _handler.Disturbed(new ReflectorDisturbance(server, fault.Message, delay, _revision is null)
        {
            IsNotFound = fault is KubeStatusException { IsNotFound: true },
        });
        await Task.Delay(delay, _time, cancellationToken);
    }

    private void Heard() => Volatile.Write(ref _heardAt, Math.Max(1, _time.GetTimestamp()));

    private void Set(Func<ReflectorStatus, ReflectorStatus> change) => Volatile.Write(ref _status, change(_status));

    private static bool IsOfTheWorld(Exception fault) => fault is HttpRequestException or IOException or JsonException
        or KubeStatusException or TimeoutException or WatchBrokenException or MalformedObjectException
        or SocketException or AuthenticationException or OperationCanceledException;
}

/// <summary>What a reflector needs of the world.</summary>
public sealed record ReflectorWorld(KubeHttp Http, TimeProvider Time, Random Random);

/// <summary>The stream of events cannot be read on; the reflector opens another.</summary>
internal sealed class WatchBrokenException(string reason) : Exception(reason);
