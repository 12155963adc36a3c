using System.Collections.Immutable;
using System.Threading.Channels;
using Mainstay.ConsoleSite.Changes;
using Mainstay.ConsoleSite.Memory;
using Mainstay.Kernel;
using Microsoft.Extensions.Logging;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>How far something that was asked for on a page has got.</summary>
public enum JobPhase
{
    Waiting,

    /// <summary>Parts prove that they could start; that takes up to a minute.</summary>
    Planning,

    /// <summary>The engine carries it out; the ledger has each step.</summary>
    Running,

    /// <summary>There is a plan, an end, or a fault.</summary>
    Ended,
}

/// <summary>Something that was asked for on a page. Frozen; the desk puts another in its place.</summary>
/// <param name="Goes">it is to be carried out, not only planned</param>
/// <param name="By">who asks; empty for a plan, which anybody may see</param>
public sealed record ActionJob(string Id, ActionChoice Choice, bool Goes, string By, DateTimeOffset AskedAt)
{
    public JobPhase Phase { get; init; } = JobPhase.Waiting;

    /// <summary>Null until it is made.</summary>
    public ActionPlan? Plan { get; init; }

    /// <summary>What came of it; null before its end, and for a plan.</summary>
    public ActionRecord? Outcome { get; init; }

    /// <summary>Why there is neither plan nor outcome; empty: there is, or will be.</summary>
    public string Fault { get; init; } = "";

    public bool IsUnderWay => Phase != JobPhase.Ended;
}

/// <summary>
/// Takes what pages ask for, plans it, and carries out what is to go, through the engine of the command line and with
/// its refusals. What goes is planned anew: a proof that a page has shown for a while proves nothing. Keeps the last
/// jobs in memory; the ledger keeps what was done. Thread safe but for <see cref="RunAsync"/>, which runs once.
/// </summary>
internal sealed class ActionDesk(
    IActionSource source, ConsoleDatabase database, TimeProvider time, Random random, ILogger<ActionDesk> logger)
    : IDisposable
{
    private readonly Channel<string> _asked = Channel.CreateBounded<string>(
        new BoundedChannelOptions(Limits.JobsWaitingMax) { FullMode = BoundedChannelFullMode.Wait });

    private readonly Lock _lock = new(); // guards what is below, and random
    private readonly List<ActionJob> _jobs = []; // the newest last
    private readonly Dictionary<string, CancellationTokenSource> _stops = [];

    public ImmutableArray<ActionChoice> Choices() => source.Choices();

    /// <summary>The newest first.</summary>
    public ImmutableArray<ActionJob> Jobs()
    {
        lock (_lock)
        {
            return [.. _jobs.AsEnumerable().Reverse()];
        }
    }

    public ActionJob? Find(string id)
    {
        lock (_lock)
        {
            return _jobs.Find(job => job.Id == id);
        }
    }

    /// <summary>Takes a job; its page shows how far it has got.</summary>
    /// <param name="word">of the choice</param>
    /// <param name="by">who asks for it to be carried out; null: only the plan is asked for</param>
    /// <exception cref="StartException">there is no such action, nobody's name is given, or too many wait</exception>
    public ActionJob Ask(string word, string? by)
    {
        var choice = source.Choices().FirstOrDefault(choice => choice.Word == word) ?? throw new StartException(
            $"'{word}' is no action of this platform", "load the page of actions again", ExitCodes.Usage);
        if (by is not null && by.Trim().Length == 0)
        {
            throw new StartException("nobody's name is given", "say who you are", ExitCodes.Usage);
        }

        lock (_lock)
        {
            var id = random.NextInt64(1L << 48).ToString("x12", System.Globalization.CultureInfo.InvariantCulture);
            var job = new ActionJob(id, choice, by is not null, by?.Trim() ?? "", time.GetUtcNow());
            if (!_asked.Writer.TryWrite(id))
            {
                throw new StartException(
                    $"{Limits.JobsWaitingMax} requests wait already", "wait for one of them to end");
            }

            _jobs.Add(job);
            _stops.Add(id, new CancellationTokenSource());
            while (_jobs.Count > Limits.JobsKept && _jobs.FindIndex(kept => !kept.IsUnderWay) is >= 0 and var oldest)
            {
                _jobs.RemoveAt(oldest);
            }

            return job;
        }
    }

    /// <summary>Asks an action that runs to halt after the units in hand.</summary>
    /// <returns>false where nothing of that id is under way</returns>
    public bool Halt(string id)
    {
        lock (_lock)
        {
            if (!_stops.TryGetValue(id, out var stop))
            {
                return false;
            }

            stop.Cancel();
            return true;
        }
    }

    /// <summary>Until cancelled: an action in hand is then halted after its units, as by <see cref="Halt"/>.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Parallel.ForEachAsync(
        _asked.Reader.ReadAllAsync(cancellationToken),
        new ParallelOptions { MaxDegreeOfParallelism = Limits.JobsAtOnceMax, CancellationToken = cancellationToken },
        async (id, token) => await DoAsync(id, token));

    public void Dispose()
    {
        foreach (var stop in _stops.Values)
        {
            stop.Dispose();
        }
    }

    private async Task DoAsync(string id, CancellationToken cancellationToken)
    {
        CancellationTokenSource stop;
        lock (_lock)
        {
            stop = _stops[id];
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, cancellationToken);
        try
        {
            await DoAsync(Put(id, job => job with { Phase = JobPhase.Planning }), either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            End(id, "it was asked to stop before its plan was made");
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Also a bug of a target: the console must outlive it. The engine has written down what was done.
            logger.ActionFailed(id, fault.Message);
            End(id, fault.Message);
        }
        finally
        {
            lock (_lock)
            {
                _stops.Remove(id);
                stop.Dispose();
            }
        }
    }

    private async Task DoAsync(ActionJob job, CancellationToken stop)
    {
        using var scope = source.Open(job.Choice);
        var ledger = new ActionLedger(database);
        var planner = new ActionPlanner(ledger, scope.World, time, new Random());
        var request = new ActionRequest(job.Choice.Verb, job.By.Length > 0 ? $"{job.By}, on the console" : "");
        var plan = await planner.PlanAsync(scope.Target, request, stop);
        if (!job.Goes)
        {
            Put(job.Id, planned => planned with { Phase = JobPhase.Ended, Plan = plan });
            return;
        }

        Put(job.Id, planned => planned with { Phase = JobPhase.Running, Plan = plan });
        var engine = new ActionEngine(ledger, new ChangeLedger(database), scope.World, time);
        var outcome = await engine.RunAsync(scope.Target, plan, Silent.Instance, stop);
        Put(job.Id, done => done with { Phase = JobPhase.Ended, Outcome = outcome });
    }

    private void End(string id, string fault) =>
        Put(id, job => job with { Phase = JobPhase.Ended, Fault = fault });

    private ActionJob Put(string id, Func<ActionJob, ActionJob> change)
    {
        lock (_lock)
        {
            var index = _jobs.FindIndex(job => job.Id == id);
            return _jobs[index] = change(_jobs[index]);
        }
    }

    /// <summary>Pages read the steps from the ledger.</summary>
    private sealed class Silent : IActionTeller
    {
        public static readonly Silent Instance = new();

        public void Tell(string unit, string what, string detail)
        {
            // The ledger has it.
        }
    }
}
