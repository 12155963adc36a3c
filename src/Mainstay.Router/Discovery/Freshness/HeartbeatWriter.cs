using Mainstay.Kernel;
using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.Router.Discovery.Freshness;

/// <summary>
/// Writes the heartbeat once a second while this router is elected. Others do nothing while they see the heartbeat
/// advance: only on silence do they look at the lease, so that a fleet costs one writer. A router that may renew and
/// cannot write for <see cref="GiveUpAfter"/> gives the lease up and stands back. One that cannot even renew has
/// nothing to give up: it goes on trying, and once the API servers are back it writes on, unless another has the lease
/// by then. Owned by <see cref="RunAsync"/>.
/// </summary>
/// <param name="sight">what this router sees of the heartbeat</param>
/// <param name="store">where it is</param>
/// <param name="world">clock and log</param>
internal sealed class HeartbeatWriter(Func<HeartbeatSight> sight, HeartbeatStore store, DiscoveryWorld world)
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookAfter = TimeSpan.FromSeconds(2.5);

    private readonly ElectionCore _election = new(store.Identity, HeartbeatStore.Duration);
    private readonly Backoff _standBack =
        new(new BackoffOptions(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60)), world.Random);

    private readonly long _startedAt = world.Time.GetTimestamp();
    private LeaseRecord? _held;
    private StoredBeat? _beat;
    private TimeSpan _wroteAt;
    private TimeSpan _renewedAt;
    private TimeSpan _notBefore;

    /// <summary>Less than the lease's duration: when the next one takes it over, this one has surely ended.</summary>
    public static TimeSpan GiveUpAfter => TimeSpan.FromSeconds(3);

    /// <summary>The number that was written last; null while another is elected, and before the first one.</summary>
    public long? Written => Volatile.Read(ref _held) is null ? null : Volatile.Read(ref _beat)?.Sequence;

    private TimeSpan Now => world.Time.GetElapsedTime(_startedAt);

    /// <summary>Until cancelled; the lease is given up then, so that another need not wait.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pace, world.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await TickAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The router stops.
        }

        using var brief = new CancellationTokenSource(Pace, world.Time);
        await GiveUpAsync(brief.Token);
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        if (sight() is not { Kind: { } kind } seen || Now < _notBefore)
        {
            return;
        }

        var server = store.Server;
        try
        {
            var isHolder = _held is not null;
            if (!isHolder && (seen.Age < LookAfter || !await IsElectedAsync(cancellationToken)))
            {
                return;
            }

            // Side by side, for a slow store must not make the beat slower than the sum of both; but where the lease
            // may have run out it comes first.
            var renewal = isHolder ? RenewAsync(cancellationToken) : Task.CompletedTask;
            if (Now - _renewedAt >= GiveUpAfter)
            {
                await renewal;
            }

            var beat = BeatAsync(kind, seen.Sequence, cancellationToken);
            await Task.WhenAll(renewal, beat);
            _wroteAt = Now;
            _standBack.Reset();
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await FailedAsync(server, fault, cancellationToken);
        }
    }

    private async Task<bool> IsElectedAsync(CancellationToken cancellationToken)
    {
        var lease = await store.ReadLeaseAsync(cancellationToken);
        if (_election.Seen(lease, Now) == ElectionStep.Wait)
        {
            return false;
        }

        Volatile.Write(ref _held, await store.TakeAsync(lease, cancellationToken));
        _beat = null;
        (_wroteAt, _renewedAt) = (Now, Now);
        world.Logger.WriterElected(store.Identity);
        return true;
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _held, await store.TakeAsync(_held, cancellationToken));
        _renewedAt = Now;
    }

    private async Task BeatAsync(WatchedKind kind, long seen, CancellationToken cancellationToken)
    {
        // It goes on from what is stored, and never back behind what a reader has seen.
        _beat ??= await store.ReadBeatAsync(kind, cancellationToken);
        var next = Math.Max(_beat.Sequence, seen) + 1;
        Volatile.Write(ref _beat, await store.WriteBeatAsync(kind, next, _beat, cancellationToken));
    }

    private async Task FailedAsync(Uri server, Exception fault, CancellationToken cancellationToken)
    {
        _beat = null;
        if (fault is KubeStatusException { Code: System.Net.HttpStatusCode.Conflict })
        {
            // Another was first. Who holds the lease is read anew.
            Volatile.Write(ref _held, null);
            return;
        }

        store.Leave(server);
        // Another may be able to, if this one can renew, or is refused in words.
        var mayOther = Now - _renewedAt < GiveUpAfter
            || fault is KubeStatusException { Code: < System.Net.HttpStatusCode.InternalServerError };
        if (_held is not null && mayOther && Now - _wroteAt >= GiveUpAfter)
        {
            world.Logger.WriterGivesUp(store.Identity, fault.Message);
            _notBefore = Now + _standBack.Next();
            await GiveUpAsync(cancellationToken);
        }
    }

    private async Task GiveUpAsync(CancellationToken cancellationToken)
    {
        if (_held is not { } held)
        {
            return;
        }

        Volatile.Write(ref _held, null);
        try
        {
            await store.GiveUpAsync(held, cancellationToken);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            // Then it runs out by itself.
        }
    }
}

/// <param name="Kind">what carries the heartbeat; null before that is known</param>
/// <param name="Sequence">the last one seen; -1 for none</param>
/// <param name="Age">since it advanced; null when it never did</param>
internal sealed record HeartbeatSight(WatchedKind? Kind, long Sequence, TimeSpan? Age);
