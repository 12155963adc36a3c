using Mainstay.Kernel;
using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.Router.Discovery.Freshness;

/// <summary>
/// Writes the heartbeat among the Services while this router is elected: every other second, the number that the
/// heartbeat among the endpoints has by then. Apart from that one, which must not wait for it. Where it may not be
/// written the fleet is no worse than without it: <see cref="ServicesCheck"/> goes on. Owned by <see cref="RunAsync"/>.
/// </summary>
/// <param name="written">the number last written among the endpoints; null while another router is elected</param>
/// <param name="store">where it is</param>
/// <param name="world">clock and log</param>
internal sealed class ServicesHeartbeat(Func<long?> written, HeartbeatStore store, DiscoveryWorld world)
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    private readonly Backoff _backoff =
        new(new BackoffOptions(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(60)), world.Random);

    private readonly long _startedAt = world.Time.GetTimestamp();
    private StoredBeat? _beat;
    private TimeSpan _notBefore;
    private string _fault = "";

    /// <summary>Why this router could not write it the last time; empty when it could, or need not.</summary>
    public string Fault => Volatile.Read(ref _fault);

    private TimeSpan Now => world.Time.GetElapsedTime(_startedAt);

    /// <summary>Until cancelled.</summary>
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
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        if (written() is not { } sequence)
        {
            (_beat, _notBefore) = (null, TimeSpan.Zero);
            Volatile.Write(ref _fault, "");
            return;
        }

        if (Now < _notBefore)
        {
            return;
        }

        try
        {
            _beat ??= await store.ReadBeatAsync(WatchedKind.Services, cancellationToken);
            var next = Math.Max(_beat.Sequence + 1, sequence);
            _beat = await store.WriteBeatAsync(WatchedKind.Services, next, _beat, cancellationToken);
            _backoff.Reset();
            Volatile.Write(ref _fault, "");
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Failed(fault);
        }
    }

    private void Failed(Exception fault)
    {
        _beat = null;
        if (fault is KubeStatusException { IsConflict: true } or KubeStatusException { IsAlreadyExists: true })
        {
            // Another was first; what is stored is read anew.
            return;
        }

        if (_backoff.Failures == 0)
        {
            world.Logger.ServicesUnproven(store.Identity, fault.Message);
        }

        Volatile.Write(ref _fault, fault.Message);
        _notBefore = Now + _backoff.Next();
    }
}
