using System.Collections.Immutable;
using System.Globalization;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Signals;

/// <summary>How the platform is, root first: what the console, <c>mainstay doctor</c> and incidents show.</summary>
/// <param name="Verdict">one sentence</param>
/// <param name="GeneratedAt">when the parts were asked</param>
/// <param name="Well">nothing of severity warning or critical holds, and every part was heard</param>
/// <param name="Roots">the worst first</param>
/// <param name="Unknown">parts of which nothing is known</param>
/// <param name="Hops">the way of a change, by name of the hop</param>
public sealed record SignalReport(
    string Verdict,
    DateTimeOffset GeneratedAt,
    bool Well,
    ImmutableArray<SignalRoot> Roots,
    ImmutableArray<UnknownPart> Unknown,
    ImmutableArray<Hop> Hops)
{
    /// <summary>The parts that were asked.</summary>
    public ImmutableArray<PlatformPart> Parts { get; init; } = [];

    /// <summary>Every signal that holds, each once.</summary>
    public ImmutableArray<Signal> Signals { get; init; } = [];

    /// <summary>What is to be known of how it was made: what could not be judged, and why.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    public static SignalReport Of(CollectedSignals collected)
    {
        var roots = SignalTree.Build(collected.Signals, collected.Map);
        var well = collected.Map.Parts.Length > 0
            && collected.Unknown.Length == 0
            && collected.Signals.All(signal => signal.Severity == Severity.Info);
        return new SignalReport(
            Sentence(collected, roots, well), collected.At, well, roots, collected.Unknown, collected.Hops)
        {
            Signals = collected.Signals,
            Parts = collected.Map.Parts,
        };
    }

    private static string Sentence(CollectedSignals collected, ImmutableArray<SignalRoot> roots, bool well)
    {
        if (collected.Map.Parts.Length == 0)
        {
            return "Nothing is known: no part of the platform is known.";
        }

        if (well)
        {
            return $"All is well: {Answering(collected.Map)} answer, and nothing is wrong{ToKnow(roots)}.";
        }

        if (roots.Length == 0 || roots[0].Severity == Severity.Info)
        {
            var first = collected.Unknown[0];
            return $"Not all is known: {first.Subject} does not say how it is ({first.Reason}).";
        }

        var worst = roots[0];
        var folded = worst.Explains.Length == 0
            ? ""
            : $" It explains {string.Join(", ", worst.Explains.Select(row => row.Title))}.";
        var others = roots.Skip(1).Where(root => root.Severity > Severity.Info).Select(root => root.Row.Title).ToList();
        var besides = others.Count == 0 ? "" : $" Besides: {string.Join("; ", others)}.";
        var summary = worst.Row.First.Reading.Summary.TrimEnd('.');
        return $"{Capital(worst.Row.Title)}: {summary}.{folded}{besides}";
    }

    private static string Answering(PlatformMap map) => string.Join(", ", map.Parts
        .GroupBy(part => part.Kind)
        .OrderBy(kind => kind.Key)
        .Select(kind => Count(kind.Key, kind.Count())));

    private static string Count(PartKind kind, int count) => kind switch
    {
        PartKind.Store when count == 1 => "the store",
        PartKind.Store => $"{Number(count)} members of the store",
        PartKind.Api => count == 1 ? "1 API server" : $"{Number(count)} API servers",
        PartKind.Controllers or PartKind.Console => $"the {PlatformPart.WordOf(kind)}",
        _ => count == 1 ? $"1 {PlatformPart.WordOf(kind)}" : $"{Number(count)} {PlatformPart.WordOf(kind)}s",
    };

    private static string ToKnow(ImmutableArray<SignalRoot> roots) =>
        roots.Length == 0 ? "" : $"; to know: {string.Join(", ", roots.Select(root => root.Row.Title))}";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Capital(string text) =>
        text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
