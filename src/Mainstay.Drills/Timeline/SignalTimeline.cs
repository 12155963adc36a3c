using System.Collections.Immutable;

namespace Mainstay.Drills.Timeline;

/// <summary>One signal as the platform showed it at one moment.</summary>
/// <param name="IsRoot">shown as a cause, not folded under another</param>
/// <param name="Summary">what is so, in one sentence</param>
/// <param name="Advice">what to do</param>
/// <param name="About">everything said of it, in one text: subject, object, evidence, causes</param>
internal sealed record SeenSignal(
    string Name, string Subject, string Severity, bool IsRoot, string Summary, string Advice, string About);

/// <summary>What was said of a signal from one second on.</summary>
internal sealed record SignalLook(double Second, bool IsRoot, string About);

/// <summary>A signal from its first to its last sight.</summary>
/// <param name="Signal">as it was seen last</param>
/// <param name="Begins">seconds since the drill began</param>
/// <param name="Ends">the last second in which it was seen</param>
/// <param name="Looks">each change of what was said of it; at least one</param>
internal sealed record SignalSpell(
    SeenSignal Signal, double Begins, double Ends, ImmutableArray<SignalLook> Looks)
{
    public string Name => Signal.Name;

    public string Subject => Signal.Subject;

    /// <summary>The first second in which it was shown as a root; null when it never was.</summary>
    public double? RootSince => RootSinceOf(Begins, _ => true);

    /// <summary>
    /// The first second, not before <paramref name="begins"/>, in which it was shown as a root with such words. What
    /// was said before holds until something else is said.
    /// </summary>
    public double? RootSinceOf(double begins, Func<string, bool> isRight)
    {
        for (var index = 0; index < Looks.Length; index++)
        {
            var until = index + 1 < Looks.Length ? Looks[index + 1].Second : Ends;
            var holds = Looks[index].IsRoot && isRight(Looks[index].About);
            if (holds && (until > begins || Looks[index].Second >= begins))
            {
                return Math.Max(Looks[index].Second, begins);
            }
        }

        return null;
    }
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
            var look = new SignalLook(second, signal.IsRoot, signal.About);
            var looks = _open.TryGetValue(key, out var known) ? known.Looks : [];
            var isSaid = looks is [.., var last] && (last.IsRoot, last.About) == (look.IsRoot, look.About);
            _open[key] = new SignalSpell(
                signal, known?.Begins ?? second, second, isSaid ? looks : looks.Add(look));
        }
    }
}
