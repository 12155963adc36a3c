using System.Collections.Immutable;

namespace Mainstay.Kernel.Signals;

/// <summary>
/// The signals of one process. Raising again what is raised already renews its figures and keeps its beginning:
/// <code>
///     10:00:00  Raise(stale, "router/node-1", 9 s)     active since 10:00:00, 9 s
///     10:00:05  Raise(stale, "router/node-1", 14 s)    active since 10:00:00, 14 s
///     10:00:06  Clear(stale, "router/node-1")          gone
/// </code>
/// Thread safe.
/// </summary>
public sealed class SignalBoard(TimeProvider time)
{
    private ImmutableDictionary<(string Name, string Subject), Signal> _active =
        ImmutableDictionary<(string Name, string Subject), Signal>.Empty;

    /// <summary>All that holds now: worst first, then oldest.</summary>
    public ImmutableArray<Signal> Active =>
    [
        .. Volatile.Read(ref _active).Values
            .OrderByDescending(signal => signal.Severity)
            .ThenBy(signal => signal.Since)
            .ThenBy(signal => signal.Name, StringComparer.Ordinal)
            .ThenBy(signal => signal.Subject, StringComparer.Ordinal),
    ];

    public bool IsActive(SignalDefinition definition, string subject) =>
        Volatile.Read(ref _active).ContainsKey((definition.Name, subject));

    public void Raise(SignalDefinition definition, string subject, SignalReading reading)
    {
        var fresh = new Signal(definition, subject, time.GetUtcNow(), reading);
        ImmutableInterlocked.AddOrUpdate(
            ref _active, (definition.Name, subject), fresh, (_, known) => known with { Reading = reading });
    }

    public void Clear(SignalDefinition definition, string subject) =>
        ImmutableInterlocked.TryRemove(ref _active, (definition.Name, subject), out _);

    /// <summary>Raises while there is a reading, clears while there is none.</summary>
    public void Set(SignalDefinition definition, string subject, SignalReading? reading)
    {
        if (reading is null)
        {
            Clear(definition, subject);
        }
        else
        {
            Raise(definition, subject, reading);
        }
    }

    /// <summary>All subjects that have this signal now: those not named are cleared.</summary>
    public void SetAll(SignalDefinition definition, IReadOnlyDictionary<string, SignalReading> bySubject)
    {
        foreach (var (name, subject) in Volatile.Read(ref _active).Keys)
        {
            if (name == definition.Name && !bySubject.ContainsKey(subject))
            {
                Clear(definition, subject);
            }
        }

        foreach (var (subject, reading) in bySubject)
        {
            Raise(definition, subject, reading);
        }
    }
}
