using System.Collections.Immutable;
using Mainstay.Kernel.Signals;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Mainstay.ConsoleSite.Signals;

/// <summary>
/// Collects signals each second, keeps the present report, and writes down what began and what ended. Works on without
/// its memory: a full disk must not end the one program that shows what is wrong. <see cref="Report"/> is thread safe.
/// </summary>
public sealed class SignalWatch(
    SignalCollector collector, SignalWatchOptions options, TimeProvider time, ILogger<SignalWatch> logger)
{
    private Dictionary<(string Name, string Subject), SignalEvent> _open = [];
    private SignalReport? _report;
    private bool _failing;

    /// <summary>The newest; null until the first is made, which takes a second.</summary>
    public SignalReport? Report => Volatile.Read(ref _report);

    /// <summary>What this side raises itself: the console's own <c>/signals.json</c>.</summary>
    public SignalBoard Board => collector.Board;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _open = Remembered();
        using var timer = new PeriodicTimer(options.Interval, time);
        do
        {
            await RunOnceAsync(cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>One turn: collect, judge, remember.</summary>
    internal async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var map = options.Map();
        var collected = await collector.CollectAsync(map, cancellationToken);
        foreach (var judge in options.Judges)
        {
            judge.Judge(collected, collector.Board);
        }

        var report = SignalReport.Of(collected.With(collector.Board));
        Volatile.Write(ref _report, report);
        Remember(report);
    }

    private Dictionary<(string Name, string Subject), SignalEvent> Remembered()
    {
        try
        {
            return options.History?.Open().ToDictionary(open => (open.Name, open.Subject)) ?? [];
        }
        catch (SqliteException fault)
        {
            logger.CannotRemember(fault.Message);
            return [];
        }
    }

    private void Remember(SignalReport report)
    {
        var roots = report.Roots
            .SelectMany(root => root.All.Select(signal => (Key: (signal.Name, signal.Subject), Root: root.Row.First)))
            .GroupBy(pair => pair.Key)
            .ToDictionary(pair => pair.Key, pair => pair.First().Root.Name);
        var now = report.Signals.ToDictionary(signal => (signal.Name, signal.Subject));
        var events = new List<SignalEvent>();
        events.AddRange(_open.Values
            .Where(open => !now.ContainsKey((open.Name, open.Subject)))
            .Select(open => open with { At = report.GeneratedAt, Raised = false }));
        events.AddRange(now.Where(pair => !_open.ContainsKey(pair.Key)).Select(pair => SignalEvent.Of(
            pair.Value, raised: true, roots.GetValueOrDefault(pair.Key, pair.Value.Name), report.GeneratedAt)));
        if (events.Count == 0)
        {
            return;
        }

        if (TryAppend(events))
        {
            foreach (var happened in events)
            {
                Note(happened);
            }
        }
    }

    private void Note(SignalEvent happened)
    {
        if (happened.Raised)
        {
            _open[(happened.Name, happened.Subject)] = happened;
        }
        else
        {
            _open.Remove((happened.Name, happened.Subject));
        }
    }

    private bool TryAppend(List<SignalEvent> events)
    {
        try
        {
            options.History?.Append(events);
            _failing = false;
            return true;
        }
        catch (Exception fault) when (fault is SqliteException or IOException)
        {
            // Tried again with the next report: nothing of it is lost but the second.
            if (!_failing)
            {
                logger.CannotRemember(fault.Message);
                _failing = true;
            }

            return false;
        }
    }
}

/// <summary>Sees more than silence in what was collected, and raises it on the board of this side.</summary>
public interface ISignalJudge
{
    void Judge(CollectedSignals collected, SignalBoard board);
}

/// <summary>How a watch collects.</summary>
public sealed record SignalWatchOptions
{
    /// <summary>The parts as they are known now.</summary>
    public required Func<PlatformMap> Map { get; init; }

    /// <summary>0.1 to 30 s.</summary>
    public TimeSpan Interval { get; init; } = Limits.SignalsInterval;

    /// <summary>Where events are kept; null keeps none.</summary>
    public SignalHistory? History { get; init; }

    public ImmutableArray<ISignalJudge> Judges { get; init; } = [];
}
