using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.Router.Discovery;

/// <summary>
/// What the sources tell a person: disturbances now and then, each senseless object, what a list repaired. Thread safe.
/// </summary>
internal sealed class SourceReports(DiscoveryParts parts, DiscoveryWorld world)
{
    private static readonly TimeSpan DisturbanceReport = TimeSpan.FromSeconds(30);

    private readonly QuarantineSignals _quarantine = new(parts.Signals, parts.Node);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _disturbedAt = [];
    private readonly HashSet<ObjectKey> _truncated = [];
    private long _repairs;

    /// <summary>Objects that differed from what the watch had told, since the start.</summary>
    public long Repairs => Volatile.Read(ref _repairs);

    /// <param name="kind">for the log</param>
    public ObjectCache<T> NewCache<T>(string kind)
        where T : class
    {
        return new ObjectCache<T>
        {
            OnDisturbed = disturbed => Disturbed(kind, disturbed),
            OnQuarantined = Quarantined,
            OnReleased = Released,
            OnRepaired = repair => Repaired(kind, repair),
        };
    }

    /// <summary>Told once for each object.</summary>
    public void Truncated(ObjectKey endpoints)
    {
        lock (_lock)
        {
            if (!_truncated.Add(endpoints))
            {
                return;
            }
        }

        world.Logger.Truncated(endpoints);
    }

    private void Quarantined(QuarantinedObject bad)
    {
        world.Logger.Quarantined(bad.Kind, bad.Key, bad.Reason);
        _quarantine.Raise(bad);
    }

    private void Released(QuarantinedObject good)
    {
        world.Logger.Released(good.Kind, good.Key);
        _quarantine.Clear(good.Kind, good.Key);
    }

    /// <summary>An outage may last for days: it is told when it begins, and then now and then.</summary>
    private void Disturbed(string kind, ReflectorDisturbance disturbance)
    {
        lock (_lock)
        {
            if (_disturbedAt.TryGetValue(kind, out var at) && world.Time.GetElapsedTime(at) < DisturbanceReport)
            {
                return;
            }

            _disturbedAt[kind] = world.Time.GetTimestamp();
        }

        world.Logger.DiscoveryDisturbed(kind, disturbance.Server, disturbance.Reason, disturbance.NextTryIn);
    }

    private void Repaired(string kind, ReflectorRepair repair)
    {
        // The heartbeat itself always differs: it is what showed that something is wrong.
        var keys = repair.Missing.Concat(repair.Changed).Concat(repair.Gone)
            .Where(key => key != Freshness.Heartbeat.Key)
            .ToArray();
        Interlocked.Add(ref _repairs, keys.Length);
        var names = string.Join(", ", keys.Take(Limits.NamesInALogLine));
        var more = keys.Length > Limits.NamesInALogLine ? ", ..." : "";
        world.Logger.Repaired(kind, keys.Length, names + more, repair.Reason);
    }
}
