using System.Text.Json.Nodes;
using System.Threading.Channels;
using k8s;
using k8s.Models;
using Mainstay.Agent.Environments;
using Mainstay.Agent.Probes;
using Mainstay.Agent.Processes;
using Mainstay.Agent.State;
using Microsoft.Extensions.Logging;

namespace Mainstay.Agent.Pods;

/// <summary>The node's things that every worker uses.</summary>
internal sealed record PodWorkerTools(
    ContainerStarter Starter,
    ProbeCaller Caller,
    ExitWatcher Exits,
    ListenerTable Listeners,
    PodFolder Folder,
    PodBoard Board)
{
    public required IPodEvents Events { get; init; }

    public required AgentMetrics Metrics { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>The node's address and name.</summary>
    public required string HostIp { get; init; }

    public required string NodeName { get; init; }

    /// <summary>Where the folders of the pods' logs lie.</summary>
    public required string LogsFolder { get; init; }
}

/// <summary>
/// Runs one pod: takes what happens, asks <see cref="PodPlan"/> what to do, does it, writes it down and tells the
/// board. The only writer of its pod's state; what goes wrong with it stays with it.
/// </summary>
internal sealed class PodWorker
{
    private readonly PodWorkerTools _tools;
    private readonly Channel<PodInput> _inputs;
    private readonly Dictionary<string, RunningContainer> _runs = new(StringComparer.Ordinal);
    private CancellationToken _watching;
    private volatile bool _isStopped;
    private byte[] _saved = [];
    private PodRecord _record;
    private PodShape _shape;
    private PodState _state;
    private V1PodStatus? _status;
    private readonly RoutedGate _gate;

    public PodWorker(PodRecord record, PodWorkerTools tools)
    {
        _tools = tools;
        _record = record;
        _gate = new RoutedGate(tools.Time);
        _shape = PodShape.Of(record.Pod);
        _state = PodState.Fresh(_shape);
        _inputs = Channel.CreateBounded<PodInput>(
            new BoundedChannelOptions(Limits.PodInputBacklogMax) { SingleReader = true });
    }

    public string Uid => _record.Uid;

    /// <summary>True once the pod was stopped, as asked, and nothing of it runs.</summary>
    public bool IsStopped => _isStopped;

    /// <summary>The pod as this worker knows it.</summary>
    public PodRecord Record => Volatile.Read(ref _record);

    /// <returns>false if the worker is behind: say it again later, and let nobody else wait for it</returns>
    public bool TryPost(PodInput input) => _inputs.Writer.TryWrite(input);

    /// <summary>
    /// Shows the pod and its address before anything of it runs. Called once, before <see cref="RunAsync"/>.
    /// </summary>
    public void Announce()
    {
        if (_tools.Folder.ReadRun(Uid) is { } run && FitsShape(run.State))
        {
            _state = run.State;
            _status = run.Status is { } status ? KubernetesJson.Deserialize<V1PodStatus>(status.ToJsonString()) : null;
        }
        else
        {
            _status = _record.Pod.Status;
        }

        _state = _state with { StartTime = _state.StartTime ?? _tools.Time.GetUtcNow() };
        Report();
    }

    /// <summary>Until the pod has been stopped, as asked. Cancelled, it leaves the pod's processes alone.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var watching = new CancellationTokenSource();
        _watching = watching.Token;
        try
        {
            Adopt();
            await LoopAsync(cancellationToken);
            _isStopped = true;
        }
        finally
        {
            await watching.CancelAsync();
            await Task.WhenAll(_runs.Values.SelectMany(run => run.Tasks));
        }
    }

    private async Task LoopAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var decision = PodPlan.Decide(_shape, _state, _tools.Time.GetUtcNow());
            _state = _state with { DeadlineExceeded = decision.DeadlineExceeded };
            foreach (var action in decision.Actions)
            {
                await PerformAsync(action, cancellationToken);
            }

            SaveAndReport();
            if (decision.IsStopped)
            {
                return;
            }

            if (decision.Actions.IsEmpty)
            {
                await TakeInputsAsync(decision.WakeAt, cancellationToken);
            }
        }
    }

    private async Task TakeInputsAsync(DateTimeOffset? wakeAt, CancellationToken cancellationToken)
    {
        var now = _tools.Time.GetUtcNow();
        if (_gate.Remaining is { } patience && patience > TimeSpan.Zero && !(wakeAt < now + patience))
        {
            wakeAt = now + patience;
        }

        var wait = wakeAt - now ?? Timeout.InfiniteTimeSpan;
        using var alarm = new CancellationTokenSource(
            wakeAt is null || wait > TimeSpan.Zero ? wait : TimeSpan.Zero, _tools.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(alarm.Token, cancellationToken);
        try
        {
            await _inputs.Reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return;
        }

        while (_inputs.Reader.TryRead(out var next))
        {
            Take(next);
        }
    }

    private void Take(PodInput input)
    {
        var now = _tools.Time.GetUtcNow();
        switch (input)
        {
            case PodInput.Updated updated:
                Update(updated.Pod);
                break;
            case PodInput.StopAsked asked when _state.Stop is null || asked.Stop.Grace < _state.Stop.Grace:
                _state = _state with { Stop = asked.Stop };
                break;
            case PodInput.Exited exited when Current(exited.Container, exited.Attempt) is { } container:
                TakeExit(container, exited.Exit);
                break;
            case PodInput.StartupPassed passed when Current(passed.Container, passed.Attempt) is { } container:
                _state = _state.With(container with { StartupPassed = true });
                break;
            case PodInput.ReadinessChanged changed when Current(changed.Container, changed.Attempt) is { } container:
                _state = _state.With(container with { ReadinessPassed = changed.Passed });
                break;
            case PodInput.ListeningChanged changed when Current(changed.Container, changed.Attempt) is { } container:
                _state = _state.With(container with { ListeningFault = changed.Fault });
                break;
            case PodInput.Unhealthy unhealthy
                when Current(unhealthy.Container, unhealthy.Attempt) is { Stop: null } container:
                Warn("Killing", $"Container {container.Name} {unhealthy.Reason}, will be restarted", isWarning: false);
                var killAt = now + (unhealthy.Grace ?? _shape.Grace);
                Terminate(container, new ContainerStop(unhealthy.Reason, killAt, Restart: false));
                break;
        }
    }

    private void TakeExit(ContainerState container, ProcessExit exit)
    {
        _runs.Remove(container.Name);
        var ended = ContainerTransitions.Exited(container, exit, _shape.Pace, _tools.Time.GetUtcNow());
        _state = _state.With(ended);
        AgentLog.ContainerExited(
            _tools.Logger, _record.Namespace, _record.Name, container.Name, ended.Ended?.ShellCode ?? 0);
        if (ended.Crashes > 1 && _state.Stop is null && PodPlan.MayRestart(_shape, ended))
        {
            Warn("BackOff", $"Back-off restarting failed container {container.Name}", isWarning: true);
        }
    }

    /// <summary>Null if the message is about a process that is no longer the container's.</summary>
    private ContainerState? Current(string name, int attempt) =>
        _state.Containers.FirstOrDefault(container =>
            container.Name == name && container.Attempt == attempt && container.Phase == ContainerPhase.Running);

    private void Update(V1Pod pod)
    {
        var shape = PodShape.Of(pod);
        if (!shape.All.Select(container => container.Name).SequenceEqual(
            _shape.All.Select(container => container.Name)))
        {
            // Kubernetes lets nobody add or take away containers; a pod that says so is not the one we know.
            AgentLog.PodUpdateRefused(_tools.Logger, _record.Namespace, _record.Name);
            return;
        }

        var wasSame = KubernetesJson.Serialize(pod.Spec) == KubernetesJson.Serialize(_record.Pod.Spec)
            && SameMap(pod.Metadata.Labels, _record.Pod.Metadata.Labels)
            && SameMap(pod.Metadata.Annotations, _record.Pod.Metadata.Annotations)
            && RoutedGate.Of(pod.Status)?.Status == RoutedGate.Of(_record.Pod.Status)?.Status;
        _shape = shape;
        Volatile.Write(ref _record, _record with { Pod = pod });
        if (!wasSame)
        {
            _tools.Folder.Save(_record);
        }
    }

    private static bool SameMap(IDictionary<string, string>? a, IDictionary<string, string>? b) =>
        (a?.Count ?? 0) == (b?.Count ?? 0)
        && (a ?? new Dictionary<string, string>()).All(pair =>
            b is not null && b.TryGetValue(pair.Key, out var value) && value == pair.Value);

    private async Task PerformAsync(PodAction action, CancellationToken cancellationToken)
    {
        var container = _state[action.Container];
        switch (action)
        {
            case PodAction.Start:
                await StartAsync(container, cancellationToken);
                break;
            case PodAction.Terminate terminate:
                Warn("Killing", $"Stopping container {container.Name}", isWarning: false);
                Terminate(container, terminate.Stop);
                break;
            case PodAction.Kill:
                _state = _state.With(ContainerTransitions.KillSent(container, _tools.Time.GetUtcNow()));
                if (_runs.TryGetValue(container.Name, out var run))
                {
                    run.Run.Session.Kill();
                }

                break;
        }
    }

    private void Terminate(ContainerState container, ContainerStop stop)
    {
        var isFirst = container.Stop is null;
        _state = _state.With(ContainerTransitions.StopAsked(container, stop));
        if (isFirst && _runs.TryGetValue(container.Name, out var run))
        {
            run.Tasks.Add(GuardAsync(run.Run.TerminateAsync(stop.KillAt, _watching)));
        }
    }

    private async Task StartAsync(ContainerState container, CancellationToken cancellationToken)
    {
        var shape = _shape.All.First(candidate => candidate.Name == container.Name);
        var now = _tools.Time.GetUtcNow();
        try
        {
            if (shape.Fault is { } fault)
            {
                throw ContainerStartException.Config(fault);
            }

            var starting = ContainerTransitions.Starting(container, shape, now);
            _state = _state.With(starting);
            Save();
            var place = new PodPlace(_record.Pod, _record.Ip, _tools.HostIp, _tools.NodeName);
            var start = new ContainerStart(LogFolder, ContainerId(starting), starting.Attempt);
            var started = await _tools.Starter.StartAsync(place, Definition(shape), start, cancellationToken);
            _state = _state.With(ContainerTransitions.Started(starting, started.Process, started.ImageId));
            Watch(_state[container.Name], shape, adopted: false);
            _tools.Metrics.ProcessStarted(_state[container.Name].RestartCount > 0);
            Warn("Started", $"Started container {container.Name}", isWarning: false);
        }
        catch (Exception e) when (e is ContainerStartException or IOException or UnauthorizedAccessException)
        {
            var reason = e is ContainerStartException known ? known.Reason : "RunContainerError";
            var isNews = container.WaitingMessage != e.Message;
            _state = _state.With(ContainerTransitions.StartFailed(_state[container.Name], reason, e.Message, now));
            if (isNews)
            {
                AgentLog.ContainerNotStarted(_tools.Logger, _record.Namespace, _record.Name, container.Name, e.Message);
            }

            Warn("Failed", $"Error: {reason}: {e.Message}", isWarning: true);
        }
    }

    /// <summary>Finds what an agent before this one has left running.</summary>
    private void Adopt()
    {
        if (_tools.Folder.ReadRun(Uid) is null)
        {
            KillStrays();
        }

        foreach (var container in _state.Containers.Where(container => container.Phase == ContainerPhase.Running))
        {
            var mark = Session.MarkOf(ContainerId(container));
            var leader = container.Process ?? ProcFs.MarkedLeaders(mark)
                .Where(found => found.Variable == mark)
                .Select(found => found.Leader)
                .FirstOrDefault();
            if (leader is not null && ProcFs.IsAlive(leader))
            {
                _state = _state.With(container with { Process = leader });
                Watch(_state[container.Name], _shape.All.First(shape => shape.Name == container.Name), adopted: true);
                AgentLog.ContainerAdopted(_tools.Logger, _record.Namespace, _record.Name, container.Name, leader.Pid);
                if (_state[container.Name].Stop is { } stop)
                {
                    _runs[container.Name].Tasks.Add(
                        GuardAsync(_runs[container.Name].Run.TerminateAsync(stop.KillAt, _watching)));
                }

                continue;
            }

            if (leader is not null)
            {
                new Session(leader, mark).Kill();
            }

            _state = _state.With(ContainerTransitions.FoundDead(container, _tools.Time.GetUtcNow()));
        }
    }

    /// <summary>
    /// The record of this pod's processes is lost or was never written: what carries its mark has no keeper.
    /// </summary>
    private void KillStrays()
    {
        foreach (var (leader, variable) in ProcFs.MarkedLeaders(Session.MarkOf(Uid + "/")).ToList())
        {
            new Session(leader, variable).Kill();
        }
    }

    private void Watch(ContainerState container, ContainerShape shape, bool adopted)
    {
        var leader = container.Process
            ?? throw new Kernel.InvariantException("a watched container has a process");
        var session = new Session(leader, Session.MarkOf(ContainerId(container)));
        var process = new ContainerProcess(Definition(shape), container, shape.MustListen, _record.Ip, LogFolder)
        {
            Session = session,
            Exit = _tools.Exits.Watch(session),
        };
        var run = new ContainerRun(process, new ContainerRunTools(
            _tools.Caller, _tools.Listeners, _tools.Time, _inputs.Writer.WriteAsync, (reason, message) =>
                Warn(reason, message, isWarning: true)));
        _runs[container.Name] = new RunningContainer(run, [GuardAsync(run.RunAsync(adopted, _watching))]);
    }

    private void SaveAndReport()
    {
        Report();
        try
        {
            Save();
        }
        catch (IOException e)
        {
            // A full disk: what runs is watched on; a start is refused until it can be written down.
            AgentLog.StateNotWritten(_tools.Logger, _record.Namespace, _record.Name, e.Message);
        }
    }

    private void Save()
    {
        var bytes = PodFolder.ToBytes(new PodRun(_state, StatusJson()));
        if (!bytes.AsSpan().SequenceEqual(_saved))
        {
            _tools.Folder.SaveRun(Uid, bytes);
            _saved = bytes;
        }
    }

    private void Report()
    {
        _gate.Look(_record.Pod, _shape.Main.All(container => _state[container.Name].IsReady));
        var input = new PodStatusInput(_record.Pod, _shape, _record.Ip, _tools.HostIp, _status)
        {
            GateIsOverdue = _gate.IsOverdue,
        };
        var hadSaid = _status?.Conditions?.Any(RoutedGate.IsUnproven) == true;
        _status = PodStatusBuilder.Build(input, _state, _tools.Time.GetUtcNow());
        _tools.Board.Set(new PodReport(_record, _state, _status));
        if (_gate.IsOverdue && !hadSaid)
        {
            Warn("RoutedGateUnproven", RoutedGate.Of(_status)?.Message ?? "", isWarning: true);
        }
    }

    private void Warn(string reason, string message, bool isWarning) =>
        _tools.Events.Post(new PodEvent(_record, isWarning, reason, message, _tools.Time.GetUtcNow()));

    private bool FitsShape(PodState state) =>
        state.Containers.Select(c => c.Name).SequenceEqual(_shape.All.Select(c => c.Name));

    private V1Container Definition(ContainerShape shape) =>
        _record.Pod.Spec.Containers.Concat(_record.Pod.Spec.InitContainers ?? []).First(c => c.Name == shape.Name);

    private JsonNode? StatusJson() => _status is null ? null : JsonNode.Parse(KubernetesJson.Serialize(_status));

    private string ContainerId(ContainerState container) => $"{Uid}/{container.Name}/{container.Attempt}";

    private string LogFolder => Path.Combine(_tools.LogsFolder, _record.FolderName);

    private static async Task GuardAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
            // The agent ends; the pod lives on.
        }
    }

    private sealed record RunningContainer(ContainerRun Run, List<Task> Tasks);
}
