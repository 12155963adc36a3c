using System.Collections.Immutable;
using System.Globalization;
using Mainstay.Drills.Observation;
using Mainstay.Drills.Stage;
using Mainstay.Drills.Timeline;
using Mainstay.Drills.Verdicts;

namespace Mainstay.Drills;

/// <summary>
/// One run on a stage that stands: (1) wait until the steady state holds; (2) take the steps, each after its gap;
/// (3) let the end settle; (4) stop the customers and wait for their last answers; (5) hold the ledger to what was
/// promised.
/// </summary>
internal sealed class DrillRun(DrillScene scene, TimeProvider time, Action<string> say)
{
    private static readonly TimeSpan SteadyDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LastAnswersDeadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CalmMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SettleMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan NamingMax = TimeSpan.FromSeconds(12);

    private readonly ImmutableArray<StepRecord>.Builder _taken = ImmutableArray.CreateBuilder<StepRecord>();

    public async Task<DrillRecord> RunAsync(IEnumerable<DrillStep> steps, CancellationToken cancellationToken)
    {
        var startedAt = time.GetUtcNow();
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var observer = scene.Observer.RunAsync(watching.Token);
        try
        {
            await scene.Waits.UntilAsync(
                _ => Task.FromResult(scene.Observer.Rest.IsCalm), CalmMax, cancellationToken); // (1)
            await scene.Stage.UntilAsync(
                "the platform to come to rest: every journey answered, nothing failing, no fallback active",
                IsSteadyAsync, SteadyDeadline, cancellationToken);
            scene.Observer.BeginAnew();
            await PauseAsync(scene.Pace.Baseline, cancellationToken);
            foreach (var step in steps) // (2)
            {
                await TakeAsync(step, cancellationToken);
            }

            await PauseAsync(scene.Pace.Settle, cancellationToken); // (3)
            await scene.Waits.UntilAsync(IsSteadyAsync, SettleMax, cancellationToken);
            var seconds = scene.Observer.Now;
            await StopCustomersAsync(cancellationToken); // (4)
            var money = await scene.Bank.VerifyAsync(cancellationToken); // (5)
            return Record(startedAt, seconds, money);
        }
        finally
        {
            await watching.CancelAsync();
            await observer.ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private async Task TakeAsync(DrillStep step, CancellationToken cancellationToken)
    {
        await PauseAsync(step.Gap, cancellationToken);
        await UntilNamedAsync(step.AfterNaming, cancellationToken);
        var begins = scene.Observer.Now;
        say(string.Create(CultureInfo.InvariantCulture, $"{begins,6:0.0} s  {step.At,-16} {step.Title}"));
        var outcome = scene.Stage.Scrub(await step.ActAsync(cancellationToken)).ReplaceLineEndings(" ").Trim();
        say($"          {outcome}");
        _taken.Add(new StepRecord(step.Id, step.At, step.Kind, step.Title, begins, scene.Observer.Now, outcome));
    }

    private async Task UntilNamedAsync(string? id, CancellationToken cancellationToken)
    {
        while (id is not null && scene.Faults.Find(id) is { } fault
            && fault.NamedBy(scene.Observer.Signals) is null
            && scene.Observer.Now - fault.Begins < NamingMax.TotalSeconds)
        {
            await PauseAsync(TimeSpan.FromMilliseconds(200), cancellationToken);
        }
    }

    private Task<bool> IsSteadyAsync(CancellationToken cancellationToken) =>
        Task.FromResult(scene.Observer.Rest.IsSteady);

    private async Task<bool> StoppedAsync(CancellationToken cancellationToken)
    {
        await scene.Bank.SetRateAsync(0, cancellationToken);
        return true;
    }

    private async Task StopCustomersAsync(CancellationToken cancellationToken)
    {
        // The generator may be starting anew just now: a machine under too much load fails its liveness, too.
        await scene.Waits.UntilAsync(StoppedAsync, LastAnswersDeadline, cancellationToken);
        var began = time.GetTimestamp();
        while (scene.Observer.Totals.Any(total => total.Pending > 0)
            && time.GetElapsedTime(began) < LastAnswersDeadline)
        {
            await PauseAsync(TimeSpan.FromMilliseconds(250), cancellationToken);
        }
    }

    private DrillRecord Record(DateTimeOffset startedAt, double seconds, MoneyRecord money) => new()
    {
        Name = scene.Drill.Name,
        Title = scene.Drill.Title,
        Description = scene.Drill.Description,
        Stage = scene.StageInWords,
        StartedAt = startedAt,
        Seconds = seconds,
        Without = scene.Stage.Options.Without,
        IsShort = scene.Pace.IsShort,
        Steps = _taken.ToImmutable(),
        Faults = scene.Faults.Records,
        Samples = [.. scene.Observer.Samples.Where(sample => sample.Second <= seconds)],
        Totals = scene.Observer.Totals,
        Signals = [.. scene.Observer.Signals.Where(spell => spell.Begins <= seconds).Select(Scrubbed)],
        Money = money,
        Refusals = [.. scene.Refusals.Select(refusal => refusal with { Text = scene.Stage.Scrub(refusal.Text) })],
        InVain = [.. scene.InVain],
        Tables = [.. scene.Tables],
        CountedAnew = scene.Observer.CountedAnew,
    };

    private SignalSpell Scrubbed(SignalSpell spell) => spell with
    {
        Signal = spell.Signal with
        {
            Summary = scene.Stage.Scrub(spell.Signal.Summary), About = scene.Stage.Scrub(spell.Signal.About),
        },
    };

    private Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        Task.Delay(pause, time, cancellationToken);
}
