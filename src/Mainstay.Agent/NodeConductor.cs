using System.Collections.Concurrent;
using System.Collections.Immutable;
using k8s.Models;
using Mainstay.Agent.Addresses;
using Mainstay.Agent.Api;
using Mainstay.Agent.Environments;
using Mainstay.Agent.Manifests;
using Mainstay.Agent.Pods;
using Mainstay.Agent.State;
using Microsoft.Extensions.Logging;

namespace Mainstay.Agent;

internal sealed record ConductorTools(
    StaticPods Manifests,
    ApiPods Api,
    PodPublisher Publisher,
    AddressPool Addresses,
    ConfigReader Configs,
    PodWorkerTools Workers);

/// <summary>
/// Keeps one worker for each pod that this node is to run: from the manifests, from the API, and from disk until
/// either can be asked. Compares what should be with what is, after every change; forgets nothing by being told late.
/// One loop owns it.
/// </summary>
internal sealed class NodeConductor(ConductorTools tools, NodeAgentOptions options)
{
    private static readonly TimeSpan WorkerPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Recheck = TimeSpan.FromMinutes(1);
    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _removed = new();
    private readonly Nudge _nudge = new();
    private CancellationToken _stopping;

    private TimeProvider Time => tools.Workers.Time;

    private ILogger Logger => tools.Workers.Logger;

    public int PodCount => _known.Count;

    public void Nudge() => _nudge.Say();

    /// <summary>The API no longer has the pod, which had ended here.</summary>
    public void Removed(string uid)
    {
        _removed.Enqueue(uid);
        _nudge.Say();
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _stopping = cancellationToken;
        var onDisk = tools.Workers.Folder.ReadAll((folder, fault) => AgentLog.StateSetAside(Logger, folder, fault));
        foreach (var record in onDisk)
        {
            TryBegin(record);
        }

        try
        {
            while (true)
            {
                Reconcile();
                await _nudge.HearAsync(Recheck, Time, cancellationToken);
            }
        }
        finally
        {
            await Task.WhenAll(_known.Values.Select(known => known.Running));
        }
    }

    private void Reconcile()
    {
        while (_removed.TryDequeue(out var uid))
        {
            Forget(uid);
        }

        ReconcileStatic();
        ReconcileApi();
        foreach (var known in _known.Values.Where(known => known.Worker.IsStopped).ToList())
        {
            if (known.Record.Source == PodSource.Static)
            {
                Forget(known.Record.Uid);
                _nudge.Say();
            }
            else if (!known.FinishAsked)
            {
                known.FinishAsked = true;
                tools.Publisher.Finish(new FinishedPod(known.Record.Namespace, known.Record.Name, known.Record.Uid));
            }
        }
    }

    private void ReconcileStatic()
    {
        if (!tools.Manifests.IsRead)
        {
            return;
        }

        var wanted = tools.Manifests.Pods;
        foreach (var known in _known.Values.Where(known => known.Record.Source == PodSource.Static))
        {
            if (!wanted.Any(pod => pod.Metadata.Uid == known.Record.Uid) && !MayBeUnreadable(known.Record, wanted)
                && !IsKeptForSuccessor(known, wanted))
            {
                AskStop(known, GraceOf(known.Record.Pod), "its manifest is gone or has changed");
            }
        }

        foreach (var pod in wanted.Where(pod => !_known.ContainsKey(pod.Metadata.Uid)))
        {
            // The one before it may hold its port: it goes first, and its end brings us here again; where a surge is
            // asked for, it goes once this one is ready.
            var before = _known.Values.Where(known => IsOf(known, pod)).ToList();
            if (before.Count == 0 || (StaticSurge.IsAsked(pod) && before is [var one] && IsReady(one)))
            {
                Add(pod, PodSource.Static);
            }
        }
    }

    /// <summary>
    /// After a restart of the agent, a file that makes no sense has no last good pod but the one on disk: it may be
    /// this one, and runs on unless another pod takes its name.
    /// </summary>
    private bool MayBeUnreadable(PodRecord record, ImmutableArray<V1Pod> wanted) =>
        tools.Manifests.Refused.Any(refused => !refused.HasLastGood)
        && !wanted.Any(pod => pod.Metadata.NamespaceProperty == record.Namespace && pod.Metadata.Name == record.Name);

    /// <summary>
    /// A static pod that serves stays until the one that takes over from it is ready; what never got ready does not.
    /// </summary>
    private bool IsKeptForSuccessor(Known known, IEnumerable<V1Pod> wanted) =>
        IsReady(known)
        && wanted.FirstOrDefault(pod => IsOf(known, pod)) is { } successor
        && StaticSurge.IsAsked(successor)
        && !(_known.TryGetValue(successor.Metadata.Uid, out var next) && IsReady(next));

    private bool IsReady(Known known) =>
        tools.Workers.Board.View.Pods.TryGetValue(known.Record.Uid, out var report)
        && PodStatusBuilder.IsReady(report.Status);

    private static bool IsOf(Known known, V1Pod pod) =>
        known.Record.Source == PodSource.Static
        && known.Record.Namespace == pod.Metadata.NamespaceProperty && known.Record.Name == pod.Metadata.Name;

    private void ReconcileApi()
    {
        var view = tools.Api.View;
        if (!view.Synced)
        {
            return;
        }

        var uids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pod in view.Pods.Values.Where(pod => !MirrorAnnotations.IsMirror(pod)))
        {
            uids.Add(pod.Metadata.Uid);
            if (_known.TryGetValue(pod.Metadata.Uid, out var known))
            {
                Refresh(known, pod);
            }
            else if (pod.Metadata.DeletionTimestamp is not null)
            {
                tools.Publisher.Finish(
                    new FinishedPod(pod.Metadata.NamespaceProperty, pod.Metadata.Name, pod.Metadata.Uid));
            }
            else if (pod.Status?.Phase is not ("Succeeded" or "Failed"))
            {
                Add(pod, PodSource.Api);
            }
        }

        foreach (var known in _known.Values.Where(known => known.Record.Source == PodSource.Api))
        {
            if (!uids.Contains(known.Record.Uid))
            {
                AskStop(known, GraceOf(known.Record.Pod), "the pod was deleted");
            }
        }
    }

    private void Refresh(Known known, V1Pod pod)
    {
        if (known.Revision != pod.Metadata.ResourceVersion && known.Worker.TryPost(new PodInput.Updated(pod)))
        {
            known.Revision = pod.Metadata.ResourceVersion;
        }

        if (pod.Metadata.DeletionTimestamp is not null)
        {
            var grace = pod.Metadata.DeletionGracePeriodSeconds is { } seconds
                ? TimeSpan.FromSeconds(seconds)
                : GraceOf(pod);
            AskStop(known, grace, "the pod is being deleted");
        }
    }

    private void Add(V1Pod pod, PodSource source)
    {
        var ip = pod.Spec.HostNetwork == true
            ? options.Address
            : tools.Addresses.Take(
                _known.Values.Where(known => !known.Record.IsHostNetwork).Select(known => known.Record.Ip));
        if (ip is null)
        {
            AgentLog.NoAddress(Logger, pod.Metadata.NamespaceProperty, pod.Metadata.Name, options.PodCidr);
            return;
        }

        var record = new PodRecord(pod, source, ip);
        tools.Workers.Folder.Save(record);
        if (TryBegin(record) is { } known)
        {
            known.Revision = pod.Metadata.ResourceVersion;
        }
    }

    private Known? TryBegin(PodRecord record)
    {
        try
        {
            return Begin(record);
        }
        catch (Exception e)
        {
            // Not even a worker can be made of it; the others are not held up.
            AgentLog.WorkerFailed(Logger, e, record.Namespace, record.Name, Recheck);
            return null;
        }
    }

    private Known Begin(PodRecord record)
    {
        var known = new Known(record, new PodWorker(record, tools.Workers));
        _known[record.Uid] = known;
        known.Running = RunWorkerAsync(known);
        return known;
    }

    /// <summary>
    /// One bad pod harms one pod: a worker that fails, even by a bug of ours, is started anew from what is on disk,
    /// and the pod's processes run on meanwhile.
    /// </summary>
    private async Task RunWorkerAsync(Known known)
    {
        while (true)
        {
            try
            {
                known.Worker.Announce();
                await known.Worker.RunAsync(_stopping);
                _nudge.Say();
                return;
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                AgentLog.WorkerFailed(Logger, e, known.Record.Namespace, known.Record.Name, WorkerPause);
            }

            try
            {
                await Task.Delay(WorkerPause, Time, _stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            known.Worker = new PodWorker(known.Worker.Record, tools.Workers);
            known.StopAsked = null;
            _nudge.Say();
        }
    }

    private void AskStop(Known known, TimeSpan grace, string reason)
    {
        var stop = new PodStop(Time.GetUtcNow(), grace, reason);
        if ((known.StopAsked is null || grace < known.StopAsked) && known.Worker.TryPost(new PodInput.StopAsked(stop)))
        {
            known.StopAsked = grace;
        }
    }

    private void Forget(string uid)
    {
        if (!_known.Remove(uid, out var known))
        {
            return;
        }

        tools.Workers.Folder.Forget(uid);
        tools.Workers.Board.Remove(uid);
        GonePods.Clean(
            tools.Workers.LogsFolder,
            known.Record.FolderName,
            _known.Values.Select(k => k.Record.FolderName).ToHashSet());
        tools.Configs.KeepOnly(_known.Values.SelectMany(k => ConfigReferences.Of(k.Record.Pod)));
    }

    private static TimeSpan GraceOf(V1Pod pod) => PodShape.Of(pod).Grace;

    private sealed class Known(PodRecord record, PodWorker worker)
    {
        public PodRecord Record { get; } = record;

        public PodWorker Worker { get; set; } = worker;

        public Task Running { get; set; } = Task.CompletedTask;

        public string? Revision { get; set; }

        public TimeSpan? StopAsked { get; set; }

        public bool FinishAsked { get; set; }
    }
}
