using System.Collections.Immutable;

namespace Mainstay.Drills.Timeline;

/// <summary>One signal as the platform showed it at one moment.</summary>
/// <param name="IsRoot">shown as a cause, not folded under another</param>
/// <param name="Summary">what is so, in one sentence</param>
/// <param name="Advice">what to do</param>
/// <param name="About">everything said of it, in one text: subject, object, evidence, causes</param>
internal sealed record SeenSignal(
    string Name, string Subject, string Severity, bool IsRoot, string Summary, string Advice, string About);

/// <summary>A signal from its first to its last sight.</summary>
/// <param name="Begins">seconds since the drill began</param>
/// <param name="Ends">the last second in which it was seen</param>
/// <param name="RootSince">the first second in which it was shown as a root; null when it never was</param>
internal sealed record SignalSpell(SeenSignal Signal, double Begins, double Ends, double? RootSince)
{
    public string Name => Signal.Name;

    public string Subject => Signal.Subject;
}

/// <summary>Puts what is seen each second together into spells.</summary>
internal sealed class SignalTimeline
{
    private readonly Dictionary<(string Name, string Subject), SignalSpell> _open = [];
    private readonly List<SignalSpell> _closed = [];

    public ImmutableArray<SignalSpell> Spells =>
        [.. _closed.Concat(_open.Values).OrderBy(spell => spell.Begins).ThenBy(spell => spell.Name)];

    /// <param name="second">seconds since the drill began</param>
    /// <param name="seen">all that is active in this moment</param>
    public void Observe(double second, IReadOnlyCollection<SeenSignal> seen)
    {
        var now = seen.GroupBy(signal => (signal.Name, signal.Subject))
            .ToDictionary(same => same.Key, same => same.OrderByDescending(signal => signal.IsRoot).First());
        foreach (var key in _open.Keys.Where(key => !now.ContainsKey(key)).ToList())
        {
            _closed.Add(_open[key]);
            _open.Remove(key);
        }

        foreach (var (key, signal) in now)
        {
            var spell = _open.TryGetValue(key, out var known)
                ? known with { Ends = second, Signal = signal }
                : new SignalSpell(signal, second, second, null);
            _open[key] = spell with { RootSince = spell.RootSince ?? (signal.IsRoot ? second : null) };
        }
    }
}
