using k8s.Models;
using Mainstay.Agent.Probes;
using Mainstay.Agent.Processes;

namespace Mainstay.Agent.Pods;

/// <summary>What a running container needs of its pod and its node.</summary>
internal sealed record ContainerRunTools(
    ProbeCaller Caller,
    ListenerTable Listeners,
    TimeProvider Time,
    Func<PodInput, CancellationToken, ValueTask> Post,
    Action<string, string> Warn);

/// <param name="State">as it was when the process started or was adopted</param>
/// <param name="MustListen">the readiness rule applies</param>
internal sealed record ContainerProcess(
    V1Container Container, ContainerState State, bool MustListen, string Ip, string Folder)
{
    public required Session Session { get; init; }

    public required Task<ProcessExit> Exit { get; init; }

    public ProbeTarget Target(string purpose) =>
        new(Container, Ip, Session.Leader, Path.Combine(Folder, Container.Name, $"{purpose}.out"));
}

/// <summary>
/// One process of one container, from its start to its end: probes it, looks for its listener, waits for its exit,
/// and tells its worker. Ends early, and leaves the process alone, when the agent ends.
/// </summary>
internal sealed class ContainerRun(ContainerProcess process, ContainerRunTools tools)
{
    private readonly TaskCompletionSource _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _name = process.Container.Name;
    private readonly int _attempt = process.State.Attempt;

    public Session Session => process.Session;

    public int Attempt => _attempt;

    /// <param name="adopted">true if an agent before this one has started the process: its postStart hook has
    /// run</param>
    /// <param name="cancellationToken">ends the watching, not the process</param>
    public async Task RunAsync(bool adopted, CancellationToken cancellationToken)
    {
        using var alive = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var observers = Task.WhenAll(
            GuardAsync(StartAsync(adopted, alive.Token)),
            GuardAsync(LiveAsync(alive.Token)),
            GuardAsync(BecomeReadyAsync(alive.Token)),
            GuardAsync(ListenAsync(alive.Token)));
        ProcessExit exit;
        try
        {
            exit = await process.Exit.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await alive.CancelAsync();
            await observers;
            return;
        }

        await alive.CancelAsync();
        await observers;
        await SweepAsync(cancellationToken);
        await tools.Post(new PodInput.Exited(_name, _attempt, exit), cancellationToken);
    }

    /// <summary>The preStop hook, as long as the grace allows, and then SIGTERM.</summary>
    public async Task TerminateAsync(DateTimeOffset killAt, CancellationToken cancellationToken)
    {
        if (process.Container.Lifecycle?.PreStop is { } hook && killAt > tools.Time.GetUtcNow())
        {
            var result = await tools.Caller.CallAsync(
                hook, process.Target("pre-stop"), killAt - tools.Time.GetUtcNow(), cancellationToken);
            if (!result.Succeeded)
            {
                tools.Warn("FailedPreStopHook", $"preStop hook of container {_name} failed: {result.Message}");
            }
        }

        process.Session.Terminate();
    }

    /// <summary>What the container left in its session is gone before a next process may need its port.</summary>
    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var since = tools.Time.GetTimestamp();
        while (process.Session.Kill() > 0 && tools.Time.GetElapsedTime(since) < Limits.SessionSweep)
        {
            await Task.Delay(Limits.SessionSweepStep, tools.Time, cancellationToken);
        }
    }

    private async Task StartAsync(bool adopted, CancellationToken cancellationToken)
    {
        if (!adopted && process.Container.Lifecycle?.PostStart is { } hook)
        {
            var result = await tools.Caller.CallAsync(
                hook, process.Target("post-start"), Timeout.InfiniteTimeSpan, cancellationToken);
            if (!result.Succeeded)
            {
                tools.Warn("FailedPostStartHook", $"postStart hook of container {_name} failed: {result.Message}");
                await FailAsync($"postStart hook failed: {result.Message}", null, cancellationToken);
                return;
            }
        }

        if (process.Container.StartupProbe is { } probe && !process.State.StartupPassed)
        {
            var grace = GraceOf(probe);
            await ProbeAsync(probe, "startup", async (passed, message) =>
            {
                if (!passed)
                {
                    await FailAsync($"failed startup probe: {message}", grace, cancellationToken);
                    return false;
                }

                await tools.Post(new PodInput.StartupPassed(_name, _attempt), cancellationToken);
                _started.TrySetResult();
                return false;
            }, cancellationToken);
        }
        else
        {
            _started.TrySetResult();
        }
    }

    private async Task LiveAsync(CancellationToken cancellationToken)
    {
        await _started.Task.WaitAsync(cancellationToken);
        if (process.Container.LivenessProbe is not { } probe)
        {
            return;
        }

        await ProbeAsync(probe, "liveness", async (passed, message) =>
        {
            if (!passed)
            {
                await FailAsync($"failed liveness probe: {message}", GraceOf(probe), cancellationToken);
            }

            return passed;
        }, cancellationToken);
    }

    private async Task BecomeReadyAsync(CancellationToken cancellationToken)
    {
        await _started.Task.WaitAsync(cancellationToken);
        if (process.Container.ReadinessProbe is not { } probe)
        {
            return;
        }

        // A first look before anything listens would cost a whole period of waiting.
        if (process.MustListen && !process.State.ReadinessPassed)
        {
            await Task.WhenAny(
                _listens.Task, Task.Delay(ProbeSchedule.Of(probe).Period, tools.Time, cancellationToken));
        }

        bool? told = process.State.ReadinessPassed ? true : null;
        await ProbeAsync(probe, "readiness", async (passed, message) =>
        {
            if (told != passed)
            {
                told = passed;
                await tools.Post(
                    new PodInput.ReadinessChanged(_name, _attempt, passed, message), cancellationToken);
            }

            return true;
        }, cancellationToken);
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        if (!process.MustListen)
        {
            return;
        }

        var ports = PodShape.TcpPorts(process.Container).ToArray();
        var ownership = new SocketOwnership(process.Session);
        var since = tools.Time.GetTimestamp();
        var told = process.State.ListeningFault;
        while (true)
        {
            var listeners = tools.Listeners.Read();
            ownership.Keep(listeners);
            var fault = ListeningRule.Fault(process.Ip, ports, listeners, ownership.Owns);
            if (fault != told)
            {
                told = fault;
                await tools.Post(new PodInput.ListeningChanged(_name, _attempt, fault), cancellationToken);
            }

            if (fault is null)
            {
                _listens.TrySetResult();
            }

            var elapsed = tools.Time.GetElapsedTime(since);
            var pause = fault is null ? Limits.ListenCheckSteady
                : elapsed < Limits.ListenCheckHurry ? Limits.ListenCheckFirst : Limits.ListenCheckSlow;
            await Task.Delay(pause, tools.Time, cancellationToken);
        }
    }

    /// <summary>Calls at the probe's pace until <paramref name="take"/>, told each verdict, returns false.</summary>
    private async Task ProbeAsync(
        V1Probe probe, string kind, Func<bool, string, Task<bool>> take, CancellationToken cancellationToken)
    {
        var schedule = ProbeSchedule.Of(probe);
        var judge = new ProbeJudge(schedule);
        var due = process.State.StartedAt + schedule.InitialDelay - tools.Time.GetUtcNow();
        if (due > TimeSpan.Zero)
        {
            await Task.Delay(due, tools.Time, cancellationToken);
        }

        while (true)
        {
            var result = await tools.Caller.CallAsync(
                probe, process.Target(kind), schedule.Timeout, cancellationToken);
            if (!result.Succeeded)
            {
                tools.Warn("Unhealthy", $"{kind} probe of container {_name} failed: {result.Message}");
            }

            if (judge.Take(result.Succeeded) is { } verdict && !await take(verdict, result.Message))
            {
                return;
            }

            await Task.Delay(schedule.Period, tools.Time, cancellationToken);
        }
    }

    private ValueTask FailAsync(string reason, TimeSpan? grace, CancellationToken cancellationToken) =>
        tools.Post(new PodInput.Unhealthy(_name, _attempt, reason, grace), cancellationToken);

    private static TimeSpan? GraceOf(V1Probe probe) =>
        probe.TerminationGracePeriodSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    private static async Task GuardAsync(Task observer)
    {
        try
        {
            await observer;
        }
        catch (OperationCanceledException)
        {
            // The process or the agent has ended; its observers end with it.
        }
    }
}
