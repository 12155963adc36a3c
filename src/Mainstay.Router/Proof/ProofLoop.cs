using System.Collections.Immutable;
using System.Globalization;
using System.Threading.Channels;
using Mainstay.Kernel.Proofs;
using Mainstay.Kernel.Signals;

namespace Mainstay.Router.Proof;

/// <summary>What a proof loop needs.</summary>
/// <param name="Node">of the router</param>
/// <param name="Build">which binary and configuration it is: proofs are shared between routers of the same</param>
/// <param name="Seen">what the serving router has seen of the heartbeats</param>
internal sealed record ProofSetting(string Node, string Build, Func<SeenHeartbeats> Seen)
{
    public IProofFleet? Fleet { get; init; }

    public required SignalBoard Board { get; init; }

    public required TimeProvider Time { get; init; }

    public required Random Random { get; init; }
}

/// <summary>
/// Proves again and again that this router could be restarted now: some seconds after its start, every five minutes, at
/// once when asked, and every half minute while it could not. Two kinds, one after the other; one proof at a time.
/// Thread safe.
/// </summary>
internal sealed class ProofLoop(IProver prover, ProofSetting setting)
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly long _startedAt = setting.Time.GetTimestamp();

    // One waiting word is enough: all who ask get the answer of the same proof.
    private readonly Channel<bool> _asked = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private TaskCompletionSource<ProofReport>? _next;
    private Proven _proven = new(ProofReport.None, At: 0);
    private long _waitedFrom = setting.Time.GetTimestamp();
    private TimeSpan _due = ProofLimits.FirstAfter * (0.8 + (0.4 * setting.Random.NextDouble()));

    /// <summary>What is known now. A proof that is too old proves nothing.</summary>
    public ProofReport Report
    {
        get
        {
            var (report, at) = Volatile.Read(ref _proven);
            if (report.At is null || setting.Time.GetElapsedTime(at) <= ProofLimits.AgeMax)
            {
                return report;
            }

            var minutes = ProofLimits.AgeMax.TotalMinutes.ToString("0", CultureInfo.InvariantCulture);
            return report with { Result = ProofResult.Unproven, Reason = $"the last proof is over {minutes} min old" };
        }
    }

    /// <summary>One line for the router's registration; empty before the first proof.</summary>
    public string Annotation =>
        Report is { At: not null } report ? ProofJson.Annotation(report.Head, setting.Build) : "";

    /// <summary>A proof that begins from now on or runs already; the report when it has ended.</summary>
    public Task<ProofReport> ProveAsync()
    {
        lock (_lock)
        {
            _next ??= new TaskCompletionSource<ProofReport>(TaskCreationOptions.RunContinuationsAsynchronously);
            _asked.Writer.TryWrite(true);
            return _next.Task;
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await StepAsync(await WaitAsync(cancellationToken), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            lock (_lock)
            {
                _next?.TrySetResult(Report);
            }
        }
    }

    /// <summary>What is done each second, and at once when somebody asks.</summary>
    internal async Task StepAsync(bool isAsked, CancellationToken cancellationToken)
    {
        if (isAsked || setting.Time.GetElapsedTime(_waitedFrom) >= _due)
        {
            await ProveAsync(isAsked, cancellationToken);
            var unsafeNow = _proven.Report.Result == ProofResult.Unsafe;
            _due = Jittered(unsafeNow ? ProofLimits.PeriodUnsafe : ProofLimits.Period);
            _waitedFrom = setting.Time.GetTimestamp();
        }

        Signal();
    }

    /// <returns>whether somebody asks</returns>
    private async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        using var tick = new CancellationTokenSource(Tick, setting.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(tick.Token, cancellationToken);
        try
        {
            return await _asked.Reader.ReadAsync(both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task ProveAsync(bool isAsked, CancellationToken cancellationToken)
    {
        var proven = isAsked ? null : await SharedAsync(cancellationToken);
        if (proven is null)
        {
            await TakeTurnAsync(isAsked, cancellationToken);
            try
            {
                var seen = setting.Seen();
                var cold = await prover.ProveAsync(ProofKind.Cold, seen, cancellationToken);
                await (setting.Fleet?.RenewTurnAsync(cancellationToken) ?? Task.CompletedTask);
                var warm = await prover.ProveAsync(ProofKind.Warm, seen, cancellationToken);
                var report = ProofReport.Of([.. cold, .. warm], setting.Time.GetUtcNow());
                proven = new Proven(report, setting.Time.GetTimestamp());
            }
            finally
            {
                await (setting.Fleet?.EndTurnAsync(cancellationToken) ?? Task.CompletedTask);
            }
        }

        Volatile.Write(ref _proven, proven);
        lock (_lock)
        {
            // Whoever has asked while it ran wanted to know how things are now: that is what it says.
            _asked.Reader.TryRead(out _);
            _next?.TrySetResult(proven.Report);
            _next = null;
        }

        Signal();
    }

    /// <summary>
    /// The same binary with the same configuration was proven elsewhere, not long ago, and after the own last word:
    /// what was found unsafe here is safe again by an own proof only. The snapshot is the own one in any case.
    /// </summary>
    private async Task<Proven?> SharedAsync(CancellationToken cancellationToken)
    {
        var own = Volatile.Read(ref _proven).Report;
        if (setting.Fleet is null || own.Result == ProofResult.Unsafe ||
            await setting.Fleet.NewestAsync(setting.Build, cancellationToken) is not { } other || other.At <= own.At)
        {
            return null;
        }

        var age = setting.Time.GetUtcNow() - other.At;
        if (age < TimeSpan.Zero || age > ProofLimits.ReuseMax)
        {
            return null;
        }

        var reason = $"proven by {other.From}, the same binary and configuration";
        ImmutableArray<ProofRun> runs =
        [
            new ProofRun(ProofKind.Cold, "", ProofResult.Safe, reason),
            .. await prover.ReadSnapshotAsync(cancellationToken) is { } snapshot ? [snapshot] : Array.Empty<ProofRun>(),
            new ProofRun(ProofKind.Warm, "", ProofResult.Safe, reason),
        ];
        var report = ProofReport.Of(runs, other.At);
        var at = setting.Time.GetTimestamp() - (long)(age.TotalSeconds * setting.Time.TimestampFrequency);
        return report.Result == ProofResult.Safe ? new Proven(report, at) : null;
    }

    /// <summary>
    /// One router of the fleet lists at a time; whoever has waited long enough, or whom somebody asks, goes on all the
    /// same.
    /// </summary>
    private async Task TakeTurnAsync(bool isAsked, CancellationToken cancellationToken)
    {
        var since = setting.Time.GetTimestamp();
        while (setting.Fleet is not null && !await setting.Fleet.TryTakeTurnAsync(cancellationToken) &&
            !isAsked && !_asked.Reader.TryPeek(out _) &&
            setting.Time.GetElapsedTime(since) < ProofLimits.TurnPatience)
        {
            await Task.Delay(Jittered(Tick), setting.Time, cancellationToken);
        }
    }

    private void Signal()
    {
        var report = Report;
        var subject = $"router/{setting.Node}";
        setting.Board.Set(SignalCatalog.RestartUnsafe, subject, report.Result == ProofResult.Unsafe
            ? Reading($"A restart of the router of {setting.Node} is not safe: {report.Reason}", report)
            : null);
        var isNew = setting.Time.GetElapsedTime(_startedAt) < ProofLimits.FirstAfter + ProofLimits.ServerDeadline * 4;
        setting.Board.Set(
            SignalCatalog.RestartUnproven, subject, report.Result == ProofResult.Unproven && !isNew
                ? Reading($"Nobody knows whether the router of {setting.Node} could start now: {report.Reason}", report)
                : null);
    }

    private static SignalReading Reading(string summary, ProofReport report) => new(summary)
    {
        Culprit = report.Culprit,
        Evidence =
        [
            .. report.Runs.Where(run => run.Result == ProofResult.Unsafe).Select(run =>
                new Evidence($"{ProofRunJson.Word(run.Kind)} {run.Server}".TrimEnd(), run.Reason)),
        ],
        CausedBy =
        [
            .. report.Runs
                .Where(run => run.Result == ProofResult.Unsafe && run.Server.Length > 0)
                .Select(run => $"api/{run.Server}")
                .Distinct(),
        ],
    };

    private TimeSpan Jittered(TimeSpan span) => span * (0.8 + (0.4 * setting.Random.NextDouble()));

    /// <param name="At">when it ended, by the monotonic clock</param>
    private sealed record Proven(ProofReport Report, long At);
}
