using System.Collections.Immutable;
using Mainstay.Drills.Timeline;

namespace Mainstay.Drills;

/// <summary>The faults of a drill, from when each was made to when it was lifted. One drill's steps write it.</summary>
internal sealed class FaultBook(Func<double> now)
{
    private readonly Dictionary<string, FaultRecord> _faults = [];

    /// <summary>In the order in which they began; those that are still on end now.</summary>
    public ImmutableArray<FaultRecord> Records =>
        [.. _faults.Values.Select(fault => double.IsInfinity(fault.Ends) ? fault with { Ends = now() } : fault)];

    public void Begin(string id, string title, ImmutableArray<string> roots, ImmutableArray<string> words) =>
        _faults.Add(id, new FaultRecord(id, title, now(), double.PositiveInfinity, roots, words));

    public void End(string id)
    {
        if (_faults.TryGetValue(id, out var fault) && double.IsInfinity(fault.Ends))
        {
            _faults[id] = fault with { Ends = now() };
        }
    }

    /// <summary>A check that was asked for named the fault just now.</summary>
    public void NamedByCheck(string id, string by, string subject, string advice) =>
        _faults[id] = _faults[id] with { ByCheck = new FaultNaming(by, subject, advice, now()) };

    /// <summary>Null where it was never made.</summary>
    public FaultRecord? Find(string id) => _faults.GetValueOrDefault(id);
}
