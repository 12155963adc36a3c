using System.Collections.Immutable;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Signals;

/// <summary>Signals of one name that are told as one line: <c>discovery-stale on 3 of 9 routers</c>.</summary>
/// <param name="Definition">what they are</param>
/// <param name="Signals">one for each subject, the oldest first; at least one</param>
/// <param name="Of">how many such subjects the platform has; null where that is not known</param>
public sealed record SignalRow(SignalDefinition Definition, ImmutableArray<Signal> Signals, int? Of)
{
    /// <summary>The one that was first: its summary and evidence stand for all.</summary>
    public Signal First => Signals[0];

    public string Title
    {
        get
        {
            if (Signals.Length == 1)
            {
                return $"{Definition.Name} on {First.Subject}";
            }

            var total = Of >= Signals.Length ? $" of {Of}" : "";
            return $"{Definition.Name} on {Signals.Length}{total} {Plural(Subject.Of(First.Subject).Kind)}";
        }
    }

    private static string Plural(string kind) => kind switch
    {
        "api" => "API servers",
        "store" => "members of the store",
        "controllers" or "console" => kind,
        _ => kind + "s",
    };
}

/// <summary>A cause, and all that follows from it.</summary>
/// <param name="Row">the root itself</param>
/// <param name="Explains">what it explains, nearest first, and what that explains</param>
/// <param name="Context">what was changed or is only worth knowing and may be behind it; never a root by itself</param>
public sealed record SignalRoot(
    SignalRow Row, ImmutableArray<SignalRow> Explains, ImmutableArray<SignalRow> Context)
{
    /// <summary>As bad as the worst under it.</summary>
    public Severity Severity => Explains.Select(row => row.Definition.Severity).Append(Row.Definition.Severity).Max();

    /// <summary>All signals of it, its own first.</summary>
    public IEnumerable<Signal> All => Row.Signals.Concat(Explains.SelectMany(row => row.Signals));
}

/// <summary>
/// Folds a storm of signals under its roots. A signal stands under another that its definition names as an explanation
/// and that touches its subject: by name (<see cref="SignalReading.CausedBy"/>) where the one that raised it knows,
/// else by where the two stand. Example:
/// <code>
///     api-cache-stale  api/A                       root
///     discovery-stale  router/node-1 (causedBy A)  under it, one row with
///     discovery-stale  router/node-2 (causedBy A)  this one
///     crash-loop       pod/bank/feed-x             another root
/// </code>
/// What is of severity info is never the root of something worse: it is told as its context. Pure.
/// </summary>
public static class SignalTree
{
    /// <returns>the worst root first, then the one that explains most, then the oldest</returns>
    public static ImmutableArray<SignalRoot> Build(IReadOnlyList<Signal> signals, PlatformMap map)
    {
        var parents = Parents(signals);
        var rootOf = signals.ToDictionary(signal => signal, signal => RootOf(signal, parents));
        var roots = signals.Where(signal => !parents.ContainsKey(signal)).GroupBy(KeyOf).Select(alike =>
        {
            var members = alike.ToHashSet();
            var under = signals.Where(signal => parents.ContainsKey(signal) && members.Contains(rootOf[signal]));
            var row = Row(alike, map);
            var explains = Rows(under.OrderBy(signal => Depth(signal, parents)), map);
            return new SignalRoot(row, explains, Context(members, signals, map));
        }).ToList();
        var told = roots.SelectMany(root => root.Context.SelectMany(row => row.Signals)).ToHashSet();
        return
        [
            .. roots.Where(root => !root.Row.Signals.All(told.Contains))
                .OrderByDescending(root => root.Severity)
                .ThenByDescending(root => root.All.Count())
                .ThenBy(root => root.Row.First.Since)
                .ThenBy(root => root.Row.Title, StringComparer.Ordinal),
        ];
    }

    private static Dictionary<Signal, Signal> Parents(IReadOnlyList<Signal> signals)
    {
        var parents = new Dictionary<Signal, Signal>();
        foreach (var effect in signals.OrderByDescending(signal => signal.Since))
        {
            foreach (var cause in Causes(effect, signals).Where(cause => cause.Severity > Severity.Info))
            {
                // Two that name each other: the older one is the root, as its turn comes last.
                if (RootOf(cause, parents) != effect)
                {
                    parents[effect] = cause;
                    break;
                }
            }
        }

        return parents;
    }

    /// <summary>All that may explain a signal: named ones first, then by nearness, then the oldest.</summary>
    private static IEnumerable<Signal> Causes(Signal effect, IReadOnlyList<Signal> signals)
    {
        var named = effect.Reading.CausedBy;
        var subject = Subject.Of(effect.Subject);
        var candidates = signals
            .Where(cause => cause != effect && effect.Definition.ExplainedBy.Contains(cause.Name))
            .Select(cause => (Cause: cause, Named: named.Contains(cause.Subject)))
            .Where(pair => pair.Named || IsWeak(pair.Cause));
        return candidates
            .OrderByDescending(pair => pair.Named)
            .ThenBy(pair => effect.Definition.ExplainedBy.IndexOf(pair.Cause.Name))
            .ThenBy(pair => pair.Cause.Since)
            .Select(pair => pair.Cause);

        // A signal that names another subject of the kind knows better; one of the same name must be named.
        bool IsWeak(Signal cause)
        {
            var at = Subject.Of(cause.Subject);
            return cause.Name != effect.Name && !named.Contains(effect.Subject)
                && !named.Any(name => Subject.Of(name).Kind == at.Kind)
                && Subject.MayTouch(at, subject);
        }
    }

    private static Signal RootOf(Signal signal, Dictionary<Signal, Signal> parents)
    {
        while (parents.TryGetValue(signal, out var parent))
        {
            signal = parent;
        }

        return signal;
    }

    private static int Depth(Signal signal, Dictionary<Signal, Signal> parents)
    {
        var depth = 0;
        while (parents.TryGetValue(signal, out var parent))
        {
            (signal, depth) = (parent, depth + 1);
        }

        return depth;
    }

    private static ImmutableArray<SignalRow> Context(
        HashSet<Signal> roots, IReadOnlyList<Signal> signals, PlatformMap map) => Rows(
        roots.Where(root => root.Severity > Severity.Info)
            .SelectMany(root => Causes(root, signals))
            .Where(cause => cause.Severity == Severity.Info)
            .Distinct(),
        map);

    private static ImmutableArray<SignalRow> Rows(IEnumerable<Signal> signals, PlatformMap map) =>
        [.. signals.GroupBy(KeyOf).Select(alike => Row(alike, map))];

    /// <summary>What is told as one line: one name, one kind of subject, and the same object at fault.</summary>
    private static (string Name, string Kind, ObjectReference? Culprit) KeyOf(Signal signal) =>
        (signal.Name, Subject.Of(signal.Subject).Kind, signal.Reading.Culprit);

    private static SignalRow Row(IEnumerable<Signal> alike, PlatformMap map)
    {
        var signals = alike.OrderBy(signal => signal.Since)
            .ThenBy(signal => signal.Subject, StringComparer.Ordinal).ToImmutableArray();
        return new SignalRow(signals[0].Definition, signals, CountOf(Subject.Of(signals[0].Subject).Kind, map));
    }

    private static int? CountOf(string kind, PlatformMap map)
    {
        var word = kind == "node" ? PlatformPart.WordOf(PartKind.Agent) : kind;
        var count = map.Parts.Count(part => part.Word == word);
        return count > 0 ? count : null;
    }
}
