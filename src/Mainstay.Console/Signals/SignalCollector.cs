using System.Collections.Immutable;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Signals;

/// <summary>All signals of a platform at one moment.</summary>
/// <param name="At">when they were collected</param>
/// <param name="Map">the parts that were asked</param>
/// <param name="Signals">each name and subject once, whoever raised it</param>
/// <param name="Hops">how far each hop has seen the heartbeat</param>
/// <param name="Unknown">parts that did not say how they are; each is a signal, too</param>
public sealed record CollectedSignals(
    DateTimeOffset At,
    PlatformMap Map,
    ImmutableArray<Signal> Signals,
    ImmutableArray<Hop> Hops,
    ImmutableArray<UnknownPart> Unknown)
{
    /// <summary>With what a judge has raised since, each name and subject still once.</summary>
    public CollectedSignals With(SignalBoard board) =>
        this with { Signals = SignalCollector.Merge(Signals.Concat(board.Active)) };

    /// <summary>No console said how it is: what only a console judges is not among the signals.</summary>
    public bool IsWithoutConsole => Map.Parts
        .Where(part => part.Kind == PartKind.Console)
        .All(console => Unknown.Any(unknown => unknown.Subject == console.Subject));
}

/// <summary>
/// Asks all parts of a platform side by side for their signals and adds those that only the asker can know: that a part
/// is silent. One mute part costs the others nothing. <see cref="CollectAsync"/> takes turns; the rest is thread safe.
/// </summary>
public sealed class SignalCollector
{
    private readonly IPartSource _source;
    private readonly SilenceBook _silence;
    private readonly TimeProvider _time;

    /// <param name="source">how parts are asked</param>
    /// <param name="grace">
    /// silence of a part before it is a signal; zero where parts are asked once only, as by a command
    /// </param>
    /// <param name="time">the clock</param>
    public SignalCollector(IPartSource source, TimeSpan grace, TimeProvider time)
    {
        (_source, _time) = (source, time);
        _silence = new SilenceBook(grace);
        Board = new SignalBoard(time);
    }

    /// <summary>What is raised on this side; whoever sees more than silence adds to it.</summary>
    public SignalBoard Board { get; }

    /// <summary>Never throws for what a part does.</summary>
    public async Task<CollectedSignals> CollectAsync(PlatformMap map, CancellationToken cancellationToken)
    {
        var answers = new PartAnswer[map.Parts.Length];
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = Limits.ScrapesAtOnceMax,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForAsync(0, answers.Length, parallel, async (index, token) =>
            answers[index] = await _source.AskAsync(map.Parts[index], map.Credentials, token));

        var now = _time.GetUtcNow();
        _silence.Take(map, answers, now);
        RaiseSilence(map, now);
        var reports = _silence.Reports(now);
        return new CollectedSignals(
            now,
            map,
            Merge(reports.SelectMany(report => report.Signals).Concat(Board.Active)),
            MergeHops(reports.SelectMany(report => report.Hops)),
            _silence.Unknown(now));
    }

    /// <summary>
    /// Each name and subject once: of several that raise it, the one that saw it first tells since when and how.
    /// </summary>
    internal static ImmutableArray<Signal> Merge(IEnumerable<Signal> signals) =>
    [
        .. signals.GroupBy(signal => (signal.Name, signal.Subject))
            .Select(same => same.OrderBy(signal => signal.Since).First() with
            {
                Reading = Richest(same),
            })
            .OrderByDescending(signal => signal.Severity)
            .ThenBy(signal => signal.Since)
            .ThenBy(signal => signal.Name, StringComparer.Ordinal)
            .ThenBy(signal => signal.Subject, StringComparer.Ordinal),
    ];

    private static SignalReading Richest(IEnumerable<Signal> same)
    {
        var ordered = same.OrderByDescending(signal => signal.Reading.Evidence.Length).ThenBy(signal => signal.Since);
        var best = ordered.First().Reading;
        return best with { CausedBy = [.. same.SelectMany(signal => signal.Reading.CausedBy).Distinct()] };
    }

    private static ImmutableArray<Hop> MergeHops(IEnumerable<Hop> hops) =>
    [
        .. hops.Where(hop => hop.Name.Length > 0)
            .GroupBy(hop => (hop.Name, hop.Via))
            .Select(same => same.OrderByDescending(hop => hop.Sequence).First())
            .OrderBy(hop => hop.Name, StringComparer.Ordinal),
    ];

    private void RaiseSilence(PlatformMap map, DateTimeOffset now)
    {
        var found = _silence.Judge(map, now).ToLookup(item => item.Definition.Name);
        foreach (var definition in Raised)
        {
            Board.SetAll(definition, found[definition.Name].ToDictionary(item => item.Subject, item => item.Reading));
        }
    }

    /// <summary>The signals that follow from silence alone; nobody else sets them on this board.</summary>
    private static ImmutableArray<SignalDefinition> Raised { get; } =
    [
        SignalCatalog.NoQuorum, SignalCatalog.StoreMemberDown, SignalCatalog.StoreMemberMute,
        SignalCatalog.ApiServerDown, SignalCatalog.RouterDown, SignalCatalog.NodeAgentLost, SignalCatalog.PartSilent,
    ];
}
