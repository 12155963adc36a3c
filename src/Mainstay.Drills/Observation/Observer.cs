using System.Collections.Immutable;
using Mainstay.Drills.Timeline;

namespace Mainstay.Drills.Observation;

/// <summary>
/// Looks once a second, from its start until it is cancelled: at the customers, and at the signals. What does not
/// answer leaves a gap, which the report shows as one.
/// </summary>
internal sealed class Observer(BankReader bank, HttpClient http, Uri console, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookDeadline = TimeSpan.FromMilliseconds(900);

    private readonly Lock _lock = new(); // guards what is below
    private SampleSeries _samples = new();
    private SignalTimeline _signals = new();
    private double? _signalsSeen;
    private IReadOnlyList<JourneyTotals> _first = [];
    private IReadOnlyList<JourneyTotals> _last = [];
    private long _began = time.GetTimestamp();

    /// <summary>Seconds since the drill began.</summary>
    public double Now => time.GetElapsedTime(Interlocked.Read(ref _began)).TotalSeconds;

    public ImmutableArray<JourneySample> Samples => Locked(() => _samples.Samples);

    public int CountedAnew => Locked(() => _samples.Restarts);

    public ImmutableArray<SignalSpell> Signals => Locked(() => _signals.Spells);

    public Rest Rest => Locked(() => new Rest(_samples.Samples, _signals.Spells, _signalsSeen, Now));

    /// <summary>What was counted from the first look to the last.</summary>
    public ImmutableArray<JourneyTotals> Totals => Locked<ImmutableArray<JourneyTotals>>(() =>
        [.. _last.Select(last => Since(_first.FirstOrDefault(first => first.Journey == last.Journey), last))]);

    /// <summary>The drill begins now: what was seen before, while the platform came to rest, is forgotten.</summary>
    public void BeginAnew()
    {
        lock (_lock)
        {
            (_samples, _signals, _first, _last) = (new SampleSeries(), new SignalTimeline(), [], []);
            _signalsSeen = null;
            Interlocked.Exchange(ref _began, time.GetTimestamp());
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            await Task.WhenAll(LookAtBankAsync(cancellationToken), LookAtSignalsAsync(cancellationToken));
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task LookAtBankAsync(CancellationToken cancellationToken)
    {
        if (await TryAsync(bank.TotalsAsync, cancellationToken) is { } totals)
        {
            lock (_lock)
            {
                _samples.Add(Now, totals);
                _first = _first.Count == 0 ? totals : _first;
                _last = totals;
            }
        }
    }

    private async Task LookAtSignalsAsync(CancellationToken cancellationToken)
    {
        var json = await TryAsync(
            token => http.GetStringAsync(new Uri(console, "/api/signals"), token), cancellationToken);
        if (json is not null)
        {
            lock (_lock)
            {
                _signalsSeen = Now;
                _signals.Observe(_signalsSeen.Value, SignalReader.Read(json));
            }
        }
    }

    private async Task<T?> TryAsync<T>(Func<CancellationToken, Task<T>> look, CancellationToken cancellationToken)
        where T : class
    {
        using var late = new CancellationTokenSource(LookDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return await look(either.Token);
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException
            && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static JourneyTotals Since(JourneyTotals? first, JourneyTotals last) =>
        first is null || last.Sent < first.Sent ? last : last with
        {
            Sent = last.Sent - first.Sent,
            Succeeded = last.Succeeded - first.Succeeded,
            Refused = last.Refused - first.Refused,
            FailedAttempts = last.FailedAttempts - first.FailedAttempts,
            Shed = last.Shed - first.Shed,
        };

    private T Locked<T>(Func<T> read)
    {
        lock (_lock)
        {
            return read();
        }
    }
}
