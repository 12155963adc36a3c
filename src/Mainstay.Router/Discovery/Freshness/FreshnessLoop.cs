using Mainstay.Kernel.Signals;
using Microsoft.Extensions.Logging;

namespace Mainstay.Router.Discovery.Freshness;

/// <summary>
/// Carries out what the <see cref="FreshnessCore"/> decides of one watch: quorum reads, the leaving of a server,
/// signals. One loop acts; <see cref="View"/> is for any thread.
/// </summary>
internal sealed class FreshnessLoop
{
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly FreshnessOptions _options;
    private readonly FreshnessCore _core;
    private readonly GuardedWatch _watch;
    private readonly QuorumReader _reader;
    private readonly DiscoveryParts _parts;
    private readonly DiscoveryWorld _world;
    private readonly long _startedAt;
    private readonly List<Task> _reads = [];
    private Uri? _blamed;
    private FreshnessState _told = FreshnessState.Fresh;
    private StaleSpell? _spell;

    public FreshnessLoop(GuardedWatch watch, KubeConnections connections, DiscoveryParts parts, DiscoveryWorld world)
    {
        (_watch, _parts, _world) = (watch, parts, world);
        _options = watch.Options;
        _core = new FreshnessCore(_options);
        _reader = new QuorumReader(connections.Probe, _options);
        _startedAt = world.Time.GetTimestamp();
        watch.Sight.HeartbeatHeard = Heard;
    }

    public FreshnessView View
    {
        get
        {
            lock (_lock)
            {
                return new FreshnessView(
                    _core.State, _core.Seen, _core.Seen < 0 ? null : Now - _core.AdvancedAt, _core.Reason);
            }
        }
    }

    private string Subject => $"router/{_parts.Node}";

    /// <summary>The word for what is watched, in the plural.</summary>
    private string Watched => _watch.Sight.Kind is { } kind ? kind.Plural : "endpoints";

    private TimeSpan Now => _world.Time.GetElapsedTime(_startedAt);

    /// <summary>Until cancelled; reads that are out have ended by then.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TickEvery, _world.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                Tick(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The router stops.
        }
        finally
        {
            await Task.WhenAll(_reads);
        }
    }

    private void Heard(long sequence, bool byWatch)
    {
        lock (_lock)
        {
            _core.Heard(sequence, byWatch, Now);
        }
    }

    private void Tick(CancellationToken cancellationToken)
    {
        _reads.RemoveAll(read => read.IsCompletedSuccessfully);
        var server = _watch.Sight.Server;
        var kind = _watch.Sight.Kind;
        var asked = Asked(server);
        FreshnessAction action;
        (Uri? To, string Reason) leave;
        lock (_lock)
        {
            var look = new FreshnessLook(Now, server, _watch.Sight.IsWatching, asked.Count);
            action = _core.Tick(look);
            leave = (_core.Next, _core.Reason);
        }

        if (action == FreshnessAction.Ask)
        {
            _reads.AddRange(asked.Select(one => ReadAsync(one, kind, cancellationToken)));
        }
        else if (action == FreshnessAction.Leave)
        {
            var next = leave.To?.ToString() ?? (asked.Count > 1 ? "the next one" : "a new connection to it");
            _world.Logger.ServerLeft(server, leave.Reason, next);
            _watch.Leave(server, leave.To, leave.Reason);
        }

        Tell(Blamed(server, action));
    }

    /// <summary>Until the heartbeat comes again the server that was left is at fault, not the one gone to.</summary>
    private Uri Blamed(Uri server, FreshnessAction action)
    {
        _blamed = action == FreshnessAction.Leave ? server
            : View.State == FreshnessState.Stale ? _blamed
            : null;
        return _blamed ?? (View.State == FreshnessState.Stale ? _core.AskedOf : null) ?? server;
    }

    /// <summary>The server of the watch, and others beside it.</summary>
    private List<Uri> Asked(Uri server) =>
        [.. _reader.Servers.Where(other => other != server).Take(_options.ServersAskedMax - 1), server];

    private async Task ReadAsync(Uri server, WatchedKind? kind, CancellationToken cancellationToken)
    {
        // Before the kind is known no server has answered even that question.
        var answer = kind is null
            ? new QuorumAnswer(server, null, "it has not told which kinds it serves")
            : await _reader.ReadAsync(server, kind, cancellationToken);
        lock (_lock)
        {
            _core.Answered(answer, Now);
        }
    }

    private void Tell(Uri server)
    {
        var (state, seen, age, reason) = View;
        var hop = $"api/{Text(server)}";
        if (state != _told)
        {
            _told = state;
            _world.Logger.Freshness(Watched, state.ToString(), seen, server, reason);
        }

        _parts.Signals.Set(SignalCatalog.HeartbeatWriterDead, _watch.Stale.Subject, state == FreshnessState.WriterDead
            ? new SignalReading(
                $"the heartbeat among {Watched} stands at {seen} in the store: {reason}{_watch.WhileUnwritten()}")
            {
                Evidence = Figures(seen, age, server),
            }
            : null);
        _watch.Stale.TellByHeartbeat(Stale(state, hop, reason) is { } summary
            ? new SignalReading(summary)
            {
                Evidence = Figures(seen, age, server),
                CausedBy = [_spell?.Hop ?? hop],
                Culprit = new ObjectReference(
                    _watch.Sight.Kind?.Kind ?? "EndpointSlice", Heartbeat.Namespace, Heartbeat.Name),
            }
            : null);
    }

    /// <returns>what to say of the hop that is stale, or was a moment ago; null for nothing</returns>
    private string? Stale(FreshnessState state, string hop, string reason)
    {
        if (state == FreshnessState.Stale)
        {
            _spell = new StaleSpell(hop, reason, _spell?.Since ?? Now);
            return $"the table of {Subject} stands still in its {Watched} because of {hop}: {reason}";
        }

        if (_spell is { } spell && Now - spell.Since < _options.NamedFor)
        {
            return $"{Subject} has left {spell.Hop} and its table moves again: {spell.Reason}";
        }

        _spell = null;
        return null;
    }

    private static System.Collections.Immutable.ImmutableArray<Evidence> Figures(long seen, TimeSpan? age, Uri server)
    {
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        return
        [
            new Evidence("ageSeconds", age?.TotalSeconds.ToString("0.0", culture) ?? "never"),
            new Evidence("sequence", seen.ToString(culture)),
            new Evidence("server", Text(server)),
        ];
    }

    private static string Text(Uri server) => server.ToString().TrimEnd('/');

    /// <summary>One time of being stale: because of whom, why, and since when it is told.</summary>
    private sealed record StaleSpell(string Hop, string Reason, TimeSpan Since);
}

/// <param name="State">what is known of the freshness</param>
/// <param name="Sequence">the last one seen; -1 for none</param>
/// <param name="Age">since it advanced; null when it never did</param>
/// <param name="Reason">why it is not fresh; empty otherwise</param>
internal sealed record FreshnessView(FreshnessState State, long Sequence, TimeSpan? Age, string Reason);
