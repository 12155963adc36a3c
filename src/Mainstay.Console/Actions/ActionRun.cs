using Microsoft.Data.Sqlite;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>One plan on its way. Thread safe: the units of a wave are done at once.</summary>
internal sealed class ActionRun(IActionTarget target, ActionPlan plan, ActionSteps steps)
{
    private int _done;

    public IActionTarget Target { get; } = target;

    public ActionPlan Plan { get; } = plan;

    public ActionSteps Steps { get; } = steps;

    public int Done => Volatile.Read(ref _done);

    public int Total { get; } = plan.Units.Count();

    public string HaltedWords => $"halted after {Done} of {Total}";

    public void DoneOne() => Interlocked.Increment(ref _done);

    public void TakenBackOne() => Interlocked.Decrement(ref _done);
}

/// <summary>Keeps each step of one action in the ledger, and tells whoever watches.</summary>
internal sealed class ActionSteps(ActionLedger ledger, string id, IActionTeller watcher, TimeProvider time)
    : IActionTeller
{
    /// <exception cref="SqliteException">it could not be kept: nothing more may be done</exception>
    public void Tell(string unit, string what, string detail)
    {
        ledger.Append(id, new ActionStep(time.GetUtcNow(), unit, what, detail));
        watcher.Tell(unit, what, detail);
    }

    /// <summary>For what is done in any case, such as taking back: a ledger that is busy must not prevent it.</summary>
    public void TryTell(string unit, string what, string detail)
    {
        try
        {
            Tell(unit, what, detail);
        }
        catch (SqliteException fault)
        {
            watcher.Tell(unit, what, $"{detail} (not in the ledger: {fault.Message})");
        }
    }
}
