using System.Text.Json;
using Mainstay.ConsoleSite.Actions;
using Mainstay.ConsoleSite.Changes;
using Mainstay.ConsoleSite.Memory;
using Mainstay.Kernel;
using Mainstay.Kube;
using Microsoft.Data.Sqlite;

namespace Mainstay.Restarts;

/// <summary>How a guarded action is asked for on the command line.</summary>
/// <param name="PlanOnly">print the plan, do nothing</param>
/// <param name="Yes">do not ask</param>
/// <param name="AsJson">print JSON</param>
internal sealed record GuardedWords(bool PlanOnly, bool Yes, bool AsJson);

/// <summary>
/// One guarded action from the command line: plan, print, ask, carry out, and say what came of it by the exit code.
/// </summary>
internal sealed class GuardedRun(Up.DataFolder folder, IActionWorld world, TimeProvider time)
{
    /// <summary>Asks a person, who may take their time.</summary>
    internal Func<Task<bool>> Agreed { get; init; } = AskAsync;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <returns>0 when it is done or would go; 1 when it is refused, halted or not agreed to</returns>
    public async Task<int> RunAsync(
        IActionTarget target, ActionRequest request, GuardedWords words, CancellationToken cancellationToken)
    {
        try
        {
            var database = new ConsoleDatabase(folder.ConsoleData);
            var actions = new ActionLedger(database);
            var planner = new ActionPlanner(actions, world, time, new Random());
            var plan = await planner.PlanAsync(target, request, cancellationToken);
            if (words.PlanOnly)
            {
                await Print(words.AsJson ? ActionJson.Plan(plan).ToJsonString(Indented) : ActionText.Of(plan));
                return plan.WouldGo ? ExitCodes.Ok : ExitCodes.NotWell;
            }

            if (!words.AsJson)
            {
                await Print(ActionText.Of(plan));
            }

            var engine = new ActionEngine(actions, new ChangeLedger(database), world, time);
            if (plan.WouldGo && !words.Yes)
            {
                if (!await Agreed())
                {
                    return ExitCodes.NotWell;
                }

                plan = await AgainAsync(plan, () => planner.PlanAsync(target, request, cancellationToken), words);
            }

            IActionTeller said = words.AsJson ? Silent.Instance : new Narrator(Console.Out, time);
            return await ReportAsync(await engine.RunAsync(target, plan, said, cancellationToken), words);
        }
        catch (ActionException fault)
        {
            throw new StartException(fault.Message, "see 'mainstay status'", ExitCodes.NotWell);
        }
        catch (MalformedObjectException fault)
        {
            throw new StartException($"a part answers nonsense: {fault.Message}", "see its log", ExitCodes.NotWell);
        }
        catch (SqliteException fault)
        {
            throw new StartException(
                $"the ledger {folder.ConsoleData}/memory.db cannot be used: {fault.Message}",
                "nothing was done, as nothing is without a record; mend or move the file", ExitCodes.CannotStart);
        }
    }

    /// <summary>
    /// The same plan, from what is so now: whoever was asked may have thought about it for an hour, in which a proof
    /// grew old and a member died.
    /// </summary>
    private static async Task<ActionPlan> AgainAsync(
        ActionPlan agreed, Func<Task<ActionPlan>> planAsync, GuardedWords words)
    {
        var fresh = await planAsync();
        if (fresh.WouldGo && !fresh.DoesAs(agreed))
        {
            throw new ActionException("it would do something else now than what was agreed to; look at the plan again");
        }

        if (!fresh.WouldGo && !words.AsJson)
        {
            await Print($"things have changed since the plan was shown:\n{ActionText.Of(fresh)}");
        }

        return fresh;
    }

    private static async Task<int> ReportAsync(ActionRecord action, GuardedWords words)
    {
        if (words.AsJson)
        {
            await Print(ActionJson.Record(action).ToJsonString(Indented));
        }
        else if (action.State != ActionState.Refused)
        {
            var reason = action.Reason.Length > 0 ? $": {action.Reason}" : "";
            await Print($"{action.StateWord}: {action.Outcome}{reason} ({action.Id})");
        }

        return action.State == ActionState.Done ? ExitCodes.Ok : ExitCodes.NotWell;
    }

    private static async Task<bool> AskAsync()
    {
        if (Console.IsInputRedirected)
        {
            await Console.Error.WriteLineAsync("mainstay: there is no terminal to ask; add --yes to go without asking");
            return false;
        }

        await Console.Out.WriteAsync("type yes to go: ");
        return Console.ReadLine()?.Trim() == "yes";
    }

    private static Task Print(string text) => Console.Out.WriteLineAsync(text);

    /// <summary>Says each step with its time. Several units may speak at once.</summary>
    private sealed class Narrator(TextWriter output, TimeProvider time) : IActionTeller
    {
        private readonly Lock _lock = new();

        public void Tell(string unit, string what, string detail)
        {
            lock (_lock)
            {
                output.WriteLine($"{time.GetUtcNow():HH:mm:ss}  {what,-9} {unit} {detail}".TrimEnd());
            }
        }
    }

    private sealed class Silent : IActionTeller
    {
        public static readonly Silent Instance = new();

        public void Tell(string unit, string what, string detail)
        {
            // JSON is printed once, at the end.
        }
    }
}
