using System.Text.Json;
using Mainstay.Agent;
using Mainstay.Agent.Pods;
using Mainstay.Agent.Processes;
using Mainstay.Agent.State;

namespace Mainstay.Simulation.Agent;

/// <summary>
/// A pod's whole life under <see cref="PodPlan"/>, in simulated time: processes that end when they like, starts that
/// fail, stops at any moment, agents that die and adopt. Nothing here waits; a seed replays exactly.
/// </summary>
public sealed class PodPlanSimulation
{
    private const int Seeds = 3000;

    [Fact]
    public void Every_pod_keeps_its_rules_whatever_its_processes_do()
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var life = new PodLife(seed);
            try
            {
                life.Run();
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {e.Message}\n{life.Story}\n{e.StackTrace}");
            }
        }
    }

    [Fact]
    public void The_rules_are_checked_by_something_that_can_fail()
    {
        // A world in which SIGKILL does nothing must break the rule that a stopped pod ends.
        var broken = Enumerable.Range(1, 200).Count(seed =>
        {
            try
            {
                new PodLife(seed) { KillWorks = false }.Run();
                return false;
            }
            catch (SimulationException)
            {
                return true;
            }
        });

        Assert.InRange(broken, 10, 200);
    }
}

internal sealed class SimulationException(string message) : Exception(message);

/// <summary>One pod in one world made from one seed.</summary>
internal sealed class PodLife
{
    private const int StepsMax = 400;
    private static readonly DateTimeOffset Birth = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Random _random;
    private readonly PodShape _shape;
    private readonly Dictionary<string, SimulatedProcess> _processes = [];
    private readonly Dictionary<string, List<DateTimeOffset>> _starts = [];
    private readonly HashSet<string> _initDone = [];
    private readonly List<string> _story = [];
    private readonly DateTimeOffset _stopAt;
    private readonly double _agentDeath;
    private DateTimeOffset _now = Birth;
    private PodState _state;
    private int _pid = 100;

    public PodLife(int seed)
    {
        _random = new Random(seed);
        var policy = (RestartPolicy)_random.Next(3);
        _shape = new PodShape(
            policy,
            TimeSpan.FromSeconds(_random.Next(0, 40)),
            _random.Next(8) == 0 ? TimeSpan.FromSeconds(_random.Next(1, 400)) : null,
            [.. Enumerable.Range(0, _random.Next(3)).Select(i => new ContainerShape($"init-{i}", "h"))],
            [.. Enumerable.Range(0, _random.Next(1, 4)).Select(i => new ContainerShape($"main-{i}", "h"))]);
        _state = PodState.Fresh(_shape) with { StartTime = Birth };
        _stopAt = Birth + TimeSpan.FromSeconds(_random.Next(0, 3000));
        _agentDeath = _random.Next(3) == 0 ? 0.05 : 0;
        _story.Add($"{policy}, {_shape.Init.Length} init, {_shape.Main.Length} main, grace {_shape.Grace}");
    }

    public bool KillWorks { get; init; } = true;

    public string Story => string.Join('\n', _story);

    public void Run()
    {
        for (var step = 0; step < StepsMax; step++)
        {
            EndProcesses();
            if (_now >= _stopAt && _state.Stop is null)
            {
                _state = _state with { Stop = new PodStop(_now, _shape.Grace, "test") };
                Tell("stop asked");
            }

            if (_random.NextDouble() < _agentDeath)
            {
                RestartAgent();
            }

            var decision = PodPlan.Decide(_shape, _state, _now);
            _state = _state with { DeadlineExceeded = decision.DeadlineExceeded };
            foreach (var action in decision.Actions)
            {
                Perform(action);
            }

            Check(decision);
            if (decision.IsStopped)
            {
                return;
            }

            if (decision.Actions.IsEmpty)
            {
                Advance(decision);
            }
        }

        Require(_state.Stop is null || _state.Stop.Grace > TimeSpan.Zero || KillWorks, "a stopped pod ends");
    }

    private void Perform(PodAction action)
    {
        var container = _state[action.Container];
        switch (action)
        {
            case PodAction.Start:
                Start(container);
                break;
            case PodAction.Terminate terminate:
                Tell($"SIGTERM {container.Name}");
                _state = _state.With(ContainerTransitions.StopAsked(container, terminate.Stop));
                var process = _processes[container.Name];
                if (!process.IgnoresTerm)
                {
                    var end = _now + TimeSpan.FromSeconds(_random.Next(0, 20));
                    _processes[container.Name] = process with { EndsAt = process.EndsAt < end ? process.EndsAt : end };
                }

                break;
            case PodAction.Kill:
                Tell($"SIGKILL {container.Name}");
                _state = _state.With(ContainerTransitions.KillSent(container, _now));
                if (KillWorks)
                {
                    _processes[container.Name] = _processes[container.Name] with { EndsAt = _now, Exit = new(null, 9) };
                }

                break;
        }
    }

    private void Start(ContainerState container)
    {
        Require(_state.Stop is null && !_state.DeadlineExceeded, "a pod that stops starts nothing");
        Require(!_processes.ContainsKey(container.Name), "a container has one process at a time");
        CheckOrder(container.Name);
        CheckPolicy(container);
        var shape = _shape.All.First(candidate => candidate.Name == container.Name);
        _state = _state.With(ContainerTransitions.Starting(container, shape, _now));
        if (_random.Next(6) == 0)
        {
            Tell($"start of {container.Name} fails");
            _state = _state.With(
                ContainerTransitions.StartFailed(_state[container.Name], "ErrImagePull", "none", _now));
            return;
        }

        Tell($"start {container.Name}");
        _starts.TryAdd(container.Name, []);
        _starts[container.Name].Add(_now);
        var isInit = _shape.Init.Any(init => init.Name == container.Name);
        var life = TimeSpan.FromSeconds(_random.Next(0, isInit ? 5 : _random.Next(2) == 0 ? 10 : 2000));
        var exit = new ProcessExit(_random.Next(isInit ? 4 : 2) == 0 ? 1 : 0, null);
        _processes[container.Name] = new SimulatedProcess(_now + life, exit, IgnoresTerm: _random.Next(4) == 0);
        var identity = new ProcessIdentity(_pid++, 1, "boot");
        _state = _state.With(ContainerTransitions.Started(_state[container.Name], identity, "image"));
    }

    private void EndProcesses()
    {
        foreach (var (name, process) in _processes.Where(pair => pair.Value.EndsAt <= _now).ToList())
        {
            _processes.Remove(name);
            Tell($"{name} ends with {process.Exit.ShellCode}");
            if (process.Exit.Code == 0 && name.StartsWith("init", StringComparison.Ordinal))
            {
                _initDone.Add(name);
            }

            _state = _state.With(ContainerTransitions.Exited(_state[name], process.Exit, RestartPace.Usual, _now));
        }
    }

    /// <summary>The agent dies; processes may end meanwhile; a new agent has only what was written down.</summary>
    private void RestartAgent()
    {
        Tell("agent restarts");
        var written = PodFolder.ToBytes(new PodRun(_state, null));
        _now += TimeSpan.FromSeconds(_random.Next(0, 5));
        _state = JsonSerializer.Deserialize(written, StateJson.Default.PodRun)?.State
            ?? throw new SimulationException("the state survives on disk");
        foreach (var container in _state.Containers.Where(container => container.Phase == ContainerPhase.Running))
        {
            if (_processes.TryGetValue(container.Name, out var process) && process.EndsAt <= _now)
            {
                _processes.Remove(container.Name);
                _starts[container.Name].Clear();
                _state = _state.With(ContainerTransitions.FoundDead(container, _now));
            }
        }
    }

    private void Advance(PodDecision decision)
    {
        var next = _processes.Values.Select(process => process.EndsAt).Append(_stopAt).Where(at => at > _now).ToList();
        if (decision.WakeAt is { } wake)
        {
            Require(wake > _now, "a wake lies ahead");
            next.Add(wake);
        }

        // The time of the stop may have passed while the agent started anew.
        var isStopping = _state.Stop is not null || _now >= _stopAt;
        Require(next.Count > 0 || !_processes.IsEmpty() || isStopping, "a pod does not fall asleep for ever");
        _now = next.Count > 0 ? next.Min() : _now + TimeSpan.FromSeconds(1);
    }

    private void CheckOrder(string name)
    {
        var inits = _shape.Init.Select(init => init.Name).ToList();
        var before = name.StartsWith("init", StringComparison.Ordinal) ? inits.TakeWhile(init => init != name) : inits;
        Require(before.All(_initDone.Contains), $"{name} starts after the init containers before it");
    }

    private void CheckPolicy(ContainerState container)
    {
        if (container.Phase != ContainerPhase.Exited || container.Ended is not { } ended)
        {
            return;
        }

        Require(_shape.RestartPolicy != RestartPolicy.Never, "restartPolicy Never runs a container once");
        Require(
            !ended.Succeeded || (_shape.RestartPolicy == RestartPolicy.Always
                && !container.Name.StartsWith("init", StringComparison.Ordinal)),
            "what has succeeded runs again only by Always");
        var starts = _starts.GetValueOrDefault(container.Name, []);
        if (starts.Count >= 2 && ended.FinishedAt - ended.StartedAt < Limits.RestartBackoffReset
            && starts[^1] - starts[^2] < Limits.RestartBackoffReset && container.Crashes > 1)
        {
            Require(_now - ended.FinishedAt >= Limits.RestartBackoffFirst, "the second restart in a row waits");
        }
    }

    private void Check(PodDecision decision)
    {
        Require(
            decision.Actions.DistinctBy(action => action.Container).Count() == decision.Actions.Length,
            "a container is told one thing at a time");
        var phase = PodStatusBuilder.PhaseOf(_shape, _state);
        Require(phase is not "Succeeded" || _processes.IsEmpty(), "what has succeeded runs no more");
        if (_state.Stop is { } stop)
        {
            var patience = stop.Grace + Limits.KillAgain + TimeSpan.FromSeconds(6);
            Require(
                _processes.IsEmpty() || _now - stop.At <= patience,
                "a stopped pod's processes are gone after its grace");
        }
        else if (decision.Actions.IsEmpty && decision.WakeAt is null && !PodPlan.IsFinished(_shape, _state))
        {
            Require(!_processes.IsEmpty(), "a pod that is not finished runs or waits for a time");
        }
    }

    private void Tell(string what) => _story.Add($"{(_now - Birth).TotalSeconds,8:0.0} {what}");

    private static void Require(bool holds, string rule)
    {
        if (!holds)
        {
            throw new SimulationException(rule);
        }
    }

    private sealed record SimulatedProcess(DateTimeOffset EndsAt, ProcessExit Exit, bool IgnoresTerm);
}

internal static class Emptiness
{
    public static bool IsEmpty<TKey, TValue>(this Dictionary<TKey, TValue> map)
        where TKey : notnull => map.Count == 0;
}
