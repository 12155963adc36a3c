using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using k8s.Models;
using Mainstay.Agent.Environments;
using Mainstay.Agent.Manifests;
using Mainstay.Agent.Pods;
using Mainstay.Agent.Processes;
using Mainstay.Agent.State;

namespace Mainstay.Agent.Proof;

/// <summary>What a rehearsal reads, and where it may write.</summary>
/// <param name="Folder">the agent's state, read and not changed</param>
/// <param name="Manifests">the static pods, read once</param>
/// <param name="Starter">makes a start ready without doing it</param>
/// <param name="Scratch">a folder of its own, for volumes and logs</param>
internal sealed record RehearsalTools(PodFolder Folder, StaticPods Manifests, ContainerStarter Starter, string Scratch)
{
    public required string NodeName { get; init; }

    public required string HostIp { get; init; }

    public required TimeProvider Time { get; init; }
}

/// <summary>
/// Goes through a start of the agent, pod by pod, with no API server to ask: what would be found again, what would be
/// started, and whether it could be. It reads what the agent reads and asks <see cref="PodPlan"/> and
/// <see cref="ContainerStarter"/> what the agent asks them. It touches no process, no address and no file but its own.
/// </summary>
internal sealed class Rehearsal(RehearsalTools tools)
{
    private readonly List<(string Folder, string Fault)> _broken = [];

    /// <summary>Both ways to start: cold, after a boot, and warm, beside the processes that run.</summary>
    public async Task<ImmutableArray<ProofRun>> RunAsync(CancellationToken cancellationToken)
    {
        var known = await tools.Folder.PeekAsync(
            (folder, fault) => _broken.Add((folder, fault)), tools.Time, cancellationToken);
        tools.Manifests.Read();
        return
        [
            await RunAsync("cold", known, cancellationToken),
            await RunAsync("warm", known, cancellationToken),
        ];
    }

    private async Task<ProofRun> RunAsync(
        string kind, IReadOnlyList<PodRecord> known, CancellationToken cancellationToken)
    {
        var since = tools.Time.GetTimestamp();
        var missing = ImmutableArray.CreateBuilder<Missing>();
        missing.AddRange(_broken.Select(broken => new Missing(tools.NodeName, "",
            $"{broken.Folder} cannot be read: {broken.Fault}", RunsNow: true)));
        missing.AddRange(tools.Manifests.Refused.Select(refused => new Missing(tools.NodeName, "",
            $"manifest {refused.Path} makes no sense: {refused.Fault}", RunsNow: false)));
        var (pods, adopted, startable) = (0, 0, 0);
        foreach (var record in known.Concat(Unknown(known)))
        {
            pods++;
            try
            {
                var part = await PodAsync(record, kind == "cold", cancellationToken);
                adopted += part.Adopted;
                startable += part.Startable;
                missing.AddRange(part.Missing);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // Whatever trips over one pod would trip over it in a start too, and is said of that pod.
                missing.Add(new Missing(NameOf(record), "", fault.Message, RunsNow: true));
            }
        }

        return new ProofRun(kind, pods, adopted, startable, missing.ToImmutable())
        {
            Took = tools.Time.GetElapsedTime(since),
        };
    }

    /// <summary>Static pods that the state does not have yet.</summary>
    private IEnumerable<PodRecord> Unknown(IReadOnlyList<PodRecord> known) =>
        tools.Manifests.Pods.Where(pod => pod.Spec.HostNetwork == true
            && known.All(record => record.Uid != pod.Metadata.Uid)).Select(pod =>
                new PodRecord(pod, PodSource.Static, tools.HostIp));

    private async Task<ProofRun> PodAsync(PodRecord record, bool cold, CancellationToken cancellationToken)
    {
        var shape = PodShape.Of(record.Pod);
        var run = tools.Folder.ReadRun(record.Uid);
        var name = NameOf(record);
        if (run is not null && !run.State.Containers.Select(c => c.Name).SequenceEqual(shape.All.Select(c => c.Name)))
        {
            return Alone(new Missing(name, "", "its record of processes does not fit it", RunsNow: true));
        }

        if (run is null && tools.Folder.HasRun(record.Uid))
        {
            return Alone(new Missing(name, "", "its record of processes cannot be read: they would be ended",
                RunsNow: true));
        }

        var state = run?.State ?? PodState.Fresh(shape);
        var alive = state.Containers.Where(c => c.Phase == ContainerPhase.Running && Lives(record, c))
            .Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        var adopted = cold ? [] : alive;
        var starts = Starts(shape, state, adopted);
        var missing = ImmutableArray.CreateBuilder<Missing>();
        if (starts.Count > 0 && !IsBindable(record.Ip, out var fault))
        {
            missing.Add(new Missing(name, "", $"address {record.Ip} cannot be listened on: {fault}", alive.Count > 0));
        }

        foreach (var container in starts)
        {
            if (await WhyNotAsync(record, shape.All.First(c => c.Name == container), cancellationToken) is { } reason)
            {
                missing.Add(new Missing(name, container, reason, alive.Contains(container)));
            }
        }

        return new ProofRun("", 1, adopted.Count, starts.Count - missing.Count(m => m.Container.Length > 0),
            missing.ToImmutable());
    }

    /// <summary>The containers that the plan would start, once those that are not adopted count as dead.</summary>
    private List<string> Starts(PodShape shape, PodState state, HashSet<string> adopted)
    {
        var now = tools.Time.GetUtcNow();
        foreach (var container in state.Containers.Where(c => c.Phase == ContainerPhase.Running))
        {
            if (!adopted.Contains(container.Name))
            {
                state = state.With(ContainerTransitions.FoundDead(container, now));
            }
        }

        // Whatever waits for its back-off will be due one day.
        return [.. PodPlan.Decide(shape, state, now + Limits.RestartBackoffCap).Actions.OfType<PodAction.Start>()
            .Select(start => start.Container)];
    }

    private static bool Lives(PodRecord record, ContainerState container)
    {
        var mark = Session.MarkOf($"{record.Uid}/{container.Name}/{container.Attempt}");
        var leader = container.Process ?? ProcFs.MarkedLeaders(mark)
            .Where(found => found.Variable == mark).Select(found => found.Leader).FirstOrDefault();
        return leader is not null && ProcFs.IsAlive(leader);
    }

    private async Task<string?> WhyNotAsync(
        PodRecord record, ContainerShape shape, CancellationToken cancellationToken)
    {
        if (shape.Fault is { } fault)
        {
            return fault;
        }

        var container = record.Pod.Spec.Containers.Concat(record.Pod.Spec.InitContainers ?? [])
            .First(c => c.Name == shape.Name);
        try
        {
            var place = new PodPlace(record.Pod, record.Ip, tools.HostIp, tools.NodeName);
            var start = new ContainerStart(
                Path.Combine(tools.Scratch, record.FolderName), $"{record.Uid}/{shape.Name}/rehearsal", 0);
            await tools.Starter.PrepareAsync(place, container, start, cancellationToken);
            return null;
        }
        catch (Exception e) when (e is ContainerStartException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    /// <summary>Port 0 is any free one, and nothing listens on it: nobody sees it.</summary>
    private static bool IsBindable(string ip, out string fault)
    {
        fault = "";
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(ip), 0));
            return true;
        }
        catch (Exception e) when (e is SocketException or FormatException)
        {
            fault = e.Message;
            return false;
        }
    }

    private static ProofRun Alone(Missing missing) => new("", 1, 0, 0, [missing]);

    private static string NameOf(PodRecord record) => $"{record.Namespace}/{record.Name}";
}
