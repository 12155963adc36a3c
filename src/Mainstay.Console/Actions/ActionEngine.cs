using System.Collections.Immutable;
using Mainstay.ConsoleSite.Changes;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>
/// Carries a plan out: wave by wave, each proven afresh, done, judged and watched. It halts by itself when a unit does
/// not come back, when the platform gets worse, when a proof no longer holds, or when it is asked to; what was done
/// stays done, and what was not is not begun. Every step is in the ledger before the next begins.
/// </summary>
public sealed class ActionEngine(
    ActionLedger actions, ChangeLedger changes, IActionWorld world, TimeProvider time)
{
    /// <summary>How often a unit and the world are looked at.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>Keeps a refused plan.</summary>
    public ActionRecord Refuse(ActionPlan plan)
    {
        var record = plan.ToRecord();
        actions.Add(record);
        Mark(record, "refused");
        return record;
    }

    /// <param name="plan">one that would go</param>
    /// <param name="watcher">hears of each step</param>
    /// <param name="target">the kind that the plan was made for</param>
    /// <param name="stopAsked">cancelled: it halts after the units that are in hand</param>
    /// <returns>what the ledger has of it, at its end</returns>
    public async Task<ActionRecord> RunAsync(
        IActionTarget target, ActionPlan plan, IActionTeller watcher, CancellationToken stopAsked)
    {
        var record = plan.ToRecord();
        if (!plan.WouldGo)
        {
            return Refuse(plan);
        }

        actions.Add(record);
        if (!actions.TryStart(record.Id, time.GetUtcNow()))
        {
            return End(record, ActionState.Refused, "refused", "another action began in the meantime");
        }

        Mark(record, "started");
        var run = new ActionRun(target, plan, new LedgerTeller(actions, record.Id, watcher, time));
        using var stopBeats = new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopAsked);
        var beats = BeatAsync(record.Id, stop, stopBeats.Token);
        string? halted;
        try
        {
            halted = await WavesAsync(run, stop.Token);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Also a bug of ours: the record must not say that it runs when nobody runs it.
            End(record, ActionState.Halted, $"halted after {run.Done} of {run.Total}", fault.Message);
            throw;
        }
        finally
        {
            await stopBeats.CancelAsync();
            await beats;
        }

        var outcome = halted is null ? $"{run.Done} of {run.Total} done" : $"halted after {run.Done} of {run.Total}";
        return End(record, halted is null ? ActionState.Done : ActionState.Halted, outcome, halted ?? record.Reason);
    }

    /// <returns>why it halted; null: it came to its end</returns>
    private async Task<string?> WavesAsync(ActionRun run, CancellationToken stop)
    {
        var number = 0;
        foreach (var wave in run.Plan.Waves)
        {
            number++;
            if (stop.IsCancellationRequested)
            {
                return "it was asked to stop";
            }

            var before = await world.LookAsync(CancellationToken.None);
            if (await NoLongerSafeAsync(run, wave, number, before) is { } unsafeNow)
            {
                return unsafeNow;
            }

            run.Teller.Tell(
                "", "wave", $"{number} of {run.Plan.Waves.Length}: {string.Join(", ", wave.Select(u => u.Subject))}");
            var faults = await Task.WhenAll(wave.Select(unit => DoAsync(run, unit)));
            if (faults.OfType<string>().FirstOrDefault() is { } fault)
            {
                return fault;
            }

            if (await BakeAsync(run, wave, before, stop) is { } worse)
            {
                return worse;
            }
        }

        return null;
    }

    /// <summary>The plan's own proofs hold for the first wave; each later one proves its units again.</summary>
    private static async Task<string?> NoLongerSafeAsync(
        ActionRun run, ImmutableArray<ActionUnit> wave, int number, WorldView now)
    {
        var blocking = now.Signals.FirstOrDefault(signal => run.Plan.Traits.RefusedUnder.Contains(signal.Name));
        if (blocking is not null)
        {
            return $"{blocking.Name} on {blocking.Subject}: {blocking.Reading.Summary}";
        }

        if (number == 1)
        {
            return null;
        }

        var proofs = await ActionPlanner.ProveAsync(run.Target, wave, CancellationToken.None);
        return wave.SelectMany(unit => Guard.Proof(unit, proofs[unit.Subject])).FirstOrDefault()?.Text;
    }

    /// <returns>why the unit is not well; null: it is</returns>
    private async Task<string?> DoAsync(ActionRun run, ActionUnit unit)
    {
        try
        {
            var before = await run.Target.LookAsync(unit, CancellationToken.None);
            var began = time.GetTimestamp();
            run.Teller.Tell(unit.Subject, "begin", before.Detail);
            await run.Target.ActAsync(unit, run.Teller, CancellationToken.None);
            if (await ComesBackAsync(run, unit, before) is { } state)
            {
                return await TakeBackAsync(run, unit, state.Detail);
            }

            run.DoneOne();
            run.Teller.Tell(unit.Subject, "well", $"after {time.GetElapsedTime(began).TotalSeconds:0.0} s");
            return null;
        }
        catch (ActionException fault)
        {
            return await TakeBackAsync(run, unit, fault.Message);
        }
    }

    /// <returns>null: it is another instance than before, and well; else how it was at the deadline</returns>
    private async Task<UnitState?> ComesBackAsync(ActionRun run, ActionUnit unit, UnitState before)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var state = await run.Target.LookAsync(unit, CancellationToken.None);
            if (state.Well && state.Instance.Length > 0 && state.Instance != before.Instance)
            {
                return null;
            }

            if (time.GetElapsedTime(began) >= run.Plan.Traits.UnitDeadline)
            {
                return state.Well && state.Instance == before.Instance
                    ? state with { Well = false, Detail = "it is still the old one" }
                    : state;
            }

            await Task.Delay(LookInterval, time, CancellationToken.None);
        }
    }

    private static async Task<string> TakeBackAsync(ActionRun run, ActionUnit unit, string why)
    {
        var fault = $"{unit.Subject} did not come back: {why}";
        run.Teller.Tell(unit.Subject, "fault", why);
        try
        {
            var taken = await run.Target.TakeBackAsync(unit, CancellationToken.None);
            if (taken.Length > 0)
            {
                run.Teller.Tell(unit.Subject, "take-back", taken);
                return $"{fault}; {taken}";
            }
        }
        catch (ActionException other)
        {
            run.Teller.Tell(unit.Subject, "take-back", $"failed: {other.Message}");
        }

        return fault;
    }

    /// <returns>why the platform is worse than before the wave; null: it is not</returns>
    private async Task<string?> BakeAsync(
        ActionRun run, ImmutableArray<ActionUnit> wave, WorldView before, CancellationToken stop)
    {
        var inHand = wave.Select(unit => unit.Subject).ToImmutableHashSet(StringComparer.Ordinal);
        var began = time.GetTimestamp();
        while (true)
        {
            var now = await world.LookAsync(CancellationToken.None);
            var elapsed = time.GetElapsedTime(began);
            var isBaked = elapsed >= run.Plan.Bake || stop.IsCancellationRequested;

            // What is to be expected of the units in hand must be over in the end, and is waited for.
            var unsettled = isBaked ? WorldJudge.Worse(before, now, []) : null;
            var isLate = elapsed >= run.Plan.Bake + run.Plan.Traits.UnitDeadline;
            if ((isLate ? unsettled : WorldJudge.Worse(before, now, inHand)) is { } worse)
            {
                run.Teller.Tell("", "worse", worse);
                return worse;
            }

            if (isBaked && unsettled is null)
            {
                run.Teller.Tell("", "baked", $"{elapsed.TotalSeconds:0} s, nothing got worse");
                return null;
            }

            await Task.Delay(LookInterval, time, CancellationToken.None);
        }
    }

    /// <summary>Says that this process lives; where the lock was lost, stops the action.</summary>
    private async Task BeatAsync(string id, CancellationTokenSource stop, CancellationToken ended)
    {
        using var timer = new PeriodicTimer(LookInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ended))
            {
                if (!actions.Beat(id, time.GetUtcNow()))
                {
                    await stop.CancelAsync();
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The action has ended.
        }
    }

    private ActionRecord End(ActionRecord record, ActionState state, string outcome, string reason)
    {
        var end = record with { State = state, EndedAt = time.GetUtcNow(), Outcome = outcome, Reason = reason };
        actions.End(end);
        Mark(end, end.StateWord);
        return actions.Find(record.Id) ?? end;
    }

    private void Mark(ActionRecord action, string what)
    {
        var reason = action.Reason.Length > 0 ? $": {action.Reason}" : "";
        changes.Append(new Change
        {
            At = time.GetUtcNow(),
            Source = "action",
            Kind = "Action",
            Name = action.Target,
            What = ChangeWords.Action,
            Detail = $"{action.Verb} {action.Target} {what}{reason}",
            Actor = action.Actor,
            Key = $"action/{action.Id}/{what}",
        });
        changes.Fed("action", time.GetUtcNow());
    }

    /// <summary>One plan on its way.</summary>
    private sealed class ActionRun(IActionTarget target, ActionPlan plan, IActionTeller teller)
    {
        private int _done;

        public IActionTarget Target { get; } = target;

        public ActionPlan Plan { get; } = plan;

        public IActionTeller Teller { get; } = teller;

        public int Done => Volatile.Read(ref _done);

        public int Total { get; } = plan.Units.Count();

        public void DoneOne() => Interlocked.Increment(ref _done);
    }

    private sealed class LedgerTeller(ActionLedger ledger, string id, IActionTeller watcher, TimeProvider time)
        : IActionTeller
    {
        public void Tell(string unit, string what, string detail)
        {
            ledger.Append(id, new ActionStep(time.GetUtcNow(), unit, what, detail));
            watcher.Tell(unit, what, detail);
        }
    }
}
