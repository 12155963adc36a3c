using System.Collections.Immutable;
using Mainstay.ConsoleSite.Changes;
using Microsoft.Data.Sqlite;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>
/// Carries a plan out: wave by wave, each proven afresh, done, judged and watched. It halts by itself when a unit does
/// not come back, when the platform gets worse, when a proof or a need no longer holds, when its lock is lost, or when
/// it is asked to; what was done stays done, and what was not is not begun. Every step is in the ledger before the next
/// begins.
/// </summary>
public sealed class ActionEngine(
    ActionLedger actions, ChangeLedger changes, IActionWorld world, TimeProvider time)
{
    /// <summary>How often a unit and the world are looked at.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>A need that is not well for a moment, as after a wave, is asked for again for so long.</summary>
    public static readonly TimeSpan NeedsDeadline = TimeSpan.FromSeconds(10);

    /// <summary>How services do is seen over this time at least before the first unit is touched.</summary>
    public static readonly TimeSpan BaselineMin = TimeSpan.FromSeconds(3);

    /// <summary>Tries to write down how it ended; each waits for the file as long as any write.</summary>
    private const int EndTries = 3;

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
    /// <exception cref="SqliteException">the ledger cannot be written, and nothing was done</exception>
    /// <exception cref="ActionException">how it ended could not be written down; the message says it</exception>
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
            return await EndAsync(record, ActionState.Refused, "refused", "another action began in the meantime");
        }

        var run = new ActionRun(target, plan, new ActionSteps(actions, record.Id, watcher, time));
        var heartbeat = new ActionHeartbeat(actions, record.Id, time);
        using var stopBeats = new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopAsked);
        var beats = heartbeat.RunAsync(stop, stopBeats.Token);
        string? halted;
        try
        {
            Mark(record, "started");
            halted = await WavesAsync(run, stop.Token);
        }
        catch (SqliteException fault)
        {
            halted = $"the ledger cannot be written: {fault.Message}";
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Also a bug of ours: the record must not say that it runs when nobody runs it.
            await EndAsync(record, ActionState.Halted, run.HaltedWords, fault.Message);
            throw;
        }
        finally
        {
            await stopBeats.CancelAsync();
            await beats;
        }

        return halted is null
            ? await EndAsync(record, ActionState.Done, $"{run.Done} of {run.Total} done", record.Reason)
            : await EndAsync(
                record, ActionState.Halted, run.HaltedWords, heartbeat.Lost.Length > 0 ? heartbeat.Lost : halted);
    }

    /// <returns>why it halted; null: it came to its end</returns>
    private async Task<string?> WavesAsync(ActionRun run, CancellationToken stop)
    {
        var number = 0;
        var earlier = await world.LookAsync(CancellationToken.None);
        foreach (var wave in run.Plan.Waves)
        {
            number++;
            if (await NoLongerSafeAsync(run, wave, number, stop) is { } unsafeNow)
            {
                return unsafeNow;
            }

            var before = await BaselineAsync(earlier);
            if (Blocking(run, before) is { } blocking)
            {
                return blocking;
            }

            if (stop.IsCancellationRequested)
            {
                return "it was asked to stop";
            }

            run.Steps.Tell(
                "", "wave", $"{number} of {run.Plan.Waves.Length}: {string.Join(", ", wave.Select(u => u.Subject))}");
            var faults = await Task.WhenAll(wave.Select(unit => DoAsync(run, unit)));
            if (faults.OfType<string>().FirstOrDefault() is { } fault)
            {
                return fault;
            }

            // The time in which this wave is watched is the time before the next.
            earlier = await world.LookAsync(CancellationToken.None);
            if (await BakeAsync(run, wave, before, stop) is { } worse)
            {
                return run.Plan.Traits.IsTakenBackWhenWorse ? await TakeBackAsync(run, wave, worse) : worse;
            }
        }

        return null;
    }

    /// <summary>
    /// Before each wave: whatever would refuse the action now halts it. The plan's own proofs hold for the first wave;
    /// each later one proves its units again.
    /// </summary>
    private async Task<string?> NoLongerSafeAsync(
        ActionRun run, ImmutableArray<ActionUnit> wave, int number, CancellationToken stop)
    {
        if (Blocking(run, await world.LookAsync(CancellationToken.None)) is { } blocking)
        {
            return blocking;
        }

        var proofs = number == 1
            ? run.Plan.Proofs
            : await ActionPlanner.ProveAsync(run.Target, wave, CancellationToken.None);
        return wave.SelectMany(unit => Guard.Proof(unit, proofs[unit.Subject])).FirstOrDefault()?.Text
            ?? await MissingAsync(run, wave, stop);
    }

    private static string? Blocking(ActionRun run, WorldView now) =>
        now.Signals.FirstOrDefault(signal => run.Plan.Traits.RefusedUnder.Contains(signal.Name)) is { } blocking
            ? $"{blocking.Name} on {blocking.Subject}: {blocking.Reading.Summary}"
            : null;

    /// <returns>what the wave needs and what does not get well in time; null: all is well</returns>
    private async Task<string?> MissingAsync(
        ActionRun run, ImmutableArray<ActionUnit> wave, CancellationToken stop)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var needs = await run.Target.NeedsAsync(wave, CancellationToken.None);
            if (Guard.Missing(needs).FirstOrDefault() is not { } missing)
            {
                return null;
            }

            if (stop.IsCancellationRequested || time.GetElapsedTime(began) >= NeedsDeadline)
            {
                return missing.Text;
            }

            await Task.Delay(LookInterval, time, CancellationToken.None);
        }
    }

    /// <summary>How the platform is, with what its services did since an earlier look.</summary>
    private async Task<WorldView> BaselineAsync(WorldView earlier)
    {
        var left = BaselineMin - (time.GetUtcNow() - earlier.At);
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left, time, CancellationToken.None);
        }

        var now = await world.LookAsync(CancellationToken.None);
        return now with { Lately = WorldJudge.Between(earlier, now) };
    }

    /// <returns>why the unit is not well; null: it is</returns>
    private async Task<string?> DoAsync(ActionRun run, ActionUnit unit)
    {
        var began = time.GetTimestamp();
        string? why;
        var detail = "";
        try
        {
            var before = await run.Target.LookAsync(unit, CancellationToken.None);
            run.Steps.Tell(unit.Subject, "begin", before.Detail);
            await run.Target.ActAsync(unit, run.Steps, CancellationToken.None);
            var state = await ComesBackAsync(run, unit, before);
            (why, detail) = state.Well ? (null, state.Detail) : (state.Detail, "");
        }
        catch (ActionException fault)
        {
            why = fault.Message;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // A bug, or a ledger that cannot be written: what was begun must not stay half done.
            await NotBackAsync(run, unit, fault.Message);
            throw;
        }

        if (why is not null)
        {
            return await NotBackAsync(run, unit, why);
        }

        run.DoneOne();
        var after = $"after {time.GetElapsedTime(began).TotalSeconds:0.0} s";
        run.Steps.Tell(unit.Subject, "well", detail.Length > 0 ? $"{after}; {detail}" : after);
        return null;
    }

    /// <returns>how it is: well, and another instance than before; or not well at the deadline</returns>
    private async Task<UnitState> ComesBackAsync(ActionRun run, ActionUnit unit, UnitState before)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var state = await run.Target.LookAsync(unit, CancellationToken.None);
            if (state.Well && state.Instance.Length > 0 && state.Instance != before.Instance)
            {
                return state;
            }

            if (time.GetElapsedTime(began) >= run.Plan.Traits.UnitDeadline)
            {
                var isOld = state.Well && state.Instance == before.Instance;
                return state with { Well = false, Detail = isOld ? "it is still the old one" : state.Detail };
            }

            await Task.Delay(LookInterval, time, CancellationToken.None);
        }
    }

    private static Task<string> NotBackAsync(ActionRun run, ActionUnit unit, string why)
    {
        run.Steps.TryTell(unit.Subject, "fault", why);
        return TakeBackAsync(run, unit, $"{unit.Subject} did not come back: {why}");
    }

    /// <summary>Takes back a wave that is done, and that made it worse.</summary>
    private static async Task<string> TakeBackAsync(ActionRun run, ImmutableArray<ActionUnit> wave, string worse)
    {
        foreach (var unit in wave)
        {
            worse = await TakeBackAsync(run, unit, worse);
            run.TakenBackOne();
        }

        return worse;
    }

    /// <returns>the fault, with what became of taking it back</returns>
    private static async Task<string> TakeBackAsync(ActionRun run, ActionUnit unit, string fault)
    {
        try
        {
            var taken = await run.Target.TakeBackAsync(unit, CancellationToken.None);
            if (taken.Length > 0)
            {
                run.Steps.TryTell(unit.Subject, "take-back", taken);
                return $"{fault}; {taken}";
            }
        }
        catch (Exception other) when (other is not OutOfMemoryException)
        {
            // The first fault is the one to be told; this one stands beside it.
            run.Steps.TryTell(unit.Subject, "take-back", $"failed: {other.Message}");
            return $"{fault}; it could not be taken back: {other.Message}";
        }

        return fault;
    }

    /// <returns>why the platform is worse than before the wave; null: it is not</returns>
    private async Task<string?> BakeAsync(
        ActionRun run, ImmutableArray<ActionUnit> wave, WorldView before, CancellationToken stop)
    {
        var inHand = wave.Select(unit => unit.Subject).ToImmutableHashSet(StringComparer.Ordinal);
        var lasting = inHand.Where(WorldJudge.IsService).ToImmutableHashSet(StringComparer.Ordinal);
        var began = time.GetTimestamp();
        while (true)
        {
            var now = await world.LookAsync(CancellationToken.None);
            var elapsed = time.GetElapsedTime(began);
            var isBaked = elapsed >= run.Plan.Bake || stop.IsCancellationRequested;

            // What is to be expected of the units in hand must be over in the end, and is waited for; but what a
            // fallback does otherwise than its service lasts as long as it is taken.
            var unsettled = isBaked ? WorldJudge.Worse(before, now, lasting) : null;
            var isLate = elapsed >= run.Plan.Bake + run.Plan.Traits.UnitDeadline;
            if ((isLate ? unsettled : WorldJudge.Worse(before, now, inHand)) is { } worse)
            {
                run.Steps.Tell("", "worse", worse);
                return worse;
            }

            if (isBaked && unsettled is null)
            {
                run.Steps.Tell("", "baked", $"{elapsed.TotalSeconds:0} s, nothing got worse");
                return null;
            }

            await Task.Delay(LookInterval, time, CancellationToken.None);
        }
    }

    /// <summary>Writes down how it ended, unless another process has called it dead meanwhile.</summary>
    private async Task<ActionRecord> EndAsync(ActionRecord record, ActionState state, string outcome, string reason)
    {
        var end = record with { State = state, EndedAt = time.GetUtcNow(), Outcome = outcome, Reason = reason };
        var isOurs = false;
        for (var tried = 1; ; tried++)
        {
            try
            {
                isOurs = actions.End(end) || isOurs;
                if (isOurs)
                {
                    Mark(end, end.StateWord);
                }

                return actions.Find(record.Id) ?? end;
            }
            catch (SqliteException fault) when (tried == EndTries)
            {
                var why = reason.Length > 0 ? $" ({reason})" : "";
                throw new ActionException(
                    $"{end.StateWord}: {outcome}{why}; the ledger could not be told: {fault.Message}");
            }
            catch (SqliteException)
            {
                await Task.Delay(LookInterval, time, CancellationToken.None);
            }
        }
    }

    private void Mark(ActionRecord action, string what)
    {
        changes.Append(action.ToChange(what, time.GetUtcNow()));
        changes.Fed("action", time.GetUtcNow());
    }
}
