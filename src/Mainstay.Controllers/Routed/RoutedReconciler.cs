using System.Collections.Concurrent;
using System.Collections.Immutable;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.Endpoints;
using Mainstay.Kube;

namespace Mainstay.Controllers.Routed;

/// <summary>
/// Moves each pod's gate forward: open once every router has the pod, proven once every router has it as ready. A
/// rollout counts on a pod only then (<see cref="RoutedGate.IsConverged"/>), so old pods stay until the routers know
/// the new ones. A hold is told on the pod after a moment, so that the good case costs no write, and told again each
/// minute, so that the pod's node sees that somebody still holds on purpose.
/// </summary>
internal sealed class RoutedReconciler(ClusterCaches caches) : IReconciler
{
    private readonly PodListings _listings = new();
    private readonly ConcurrentDictionary<ObjectKey, RoutedHold> _pending = new();

    public string Name => "routed";

    /// <summary>Off: nothing is waited for, and what is closed is opened.</summary>
    public bool IsOn { get; init; } = true;

    /// <summary>Whether the routers read slices here; otherwise they read Endpoints.</summary>
    public bool HasSlices { get; init; } = true;

    /// <summary>What is waited for now, by pod.</summary>
    public IReadOnlyDictionary<ObjectKey, RoutedHold> Pending => _pending;

    public void Wire(ClusterCaches caches, WorkQueue queue)
    {
        // Before the queue hears of a slice, its revisions are known.
        _listings.Wire(caches, HasSlices);
        caches.Pods.Objects.AddListener(change =>
        {
            if (change.New is { } pod ? RoutedGate.IsOn(pod) : _pending.ContainsKey(change.Key))
            {
                queue.Add(change.Key);
            }
        });
        caches.RouterLeases.AddMetaListener((_, _) => AddPending(queue, null));
        caches.EndpointSlices.AddMetaListener((old, fresh) => AddPending(queue, (fresh ?? old)?.NamespaceProperty));
        caches.Endpoints.AddMetaListener((old, fresh) => AddPending(queue, (fresh ?? old)?.NamespaceProperty));
        caches.Services.AddMetaListener((old, fresh) => AddPending(queue, (fresh ?? old)?.NamespaceProperty));
        caches.Deployments.AddMetaListener((old, fresh) => AddPending(queue, (fresh ?? old)?.NamespaceProperty));
        caches.DaemonSets.AddMetaListener((old, fresh) => AddPending(queue, (fresh ?? old)?.NamespaceProperty));
        caches.Nodes.Objects.AddListener(_ => AddPending(queue, null));
    }

    public Outcome Reconcile(ObjectKey key, DateTimeOffset now)
    {
        if (caches.Pods.Get(key) is not { } pod || !RoutedGate.IsOn(pod) || !pod.IsActive())
        {
            _pending.TryRemove(key, out _);
            return Outcome.Nothing;
        }
        var stage = RoutedGate.StageOf(pod);
        if (stage == RoutedStage.Proven)
        {
            _pending.TryRemove(key, out _);
            return Outdated(pod) ? new Outcome([RoutedGate.Patch(pod, Listed, now)]) : Outcome.Nothing;
        }
        if (NothingToWaitFor(pod) is { } word)
        {
            _pending.TryRemove(key, out _);
            return Say(pod, word, now);
        }
        if (stage == RoutedStage.Open && !pod.IsReady())
        {
            // It is the pod's turn; a restart of its own does not close the gate.
            _pending[key] = new RoutedHold(pod, stage, now, null);
            return Outcome.Nothing;
        }
        return Judge(pod, stage, now);
    }

    private static RoutedWord Listed { get; } =
        new(true, RoutedGate.Listed, "every router has the pod in its table, not ready yet");

    /// <summary>A pod that has lost its readiness has to be learnt as ready anew, before a rollout counts on
    /// it.</summary>
    private static bool Outdated(V1Pod pod) =>
        pod.Condition(RoutedGate.ConditionType)?.Reason == RoutedGate.Routed && !pod.IsReady();

    private RoutedWord? NothingToWaitFor(V1Pod pod)
    {
        if (!IsOn)
        {
            return new RoutedWord(true, RoutedGate.GateOff, "the controllers run without the gate");
        }
        if (RoutedGate.IsSaid(caches, pod.Metadata, (RoutedGate.OverrideAnnotation, "true")))
        {
            return new RoutedWord(true, RoutedGate.Overridden, $"by the annotation {RoutedGate.OverrideAnnotation}");
        }
        if (!ServicesOf(pod).Any())
        {
            return new RoutedWord(true, RoutedGate.NotSelected, "no service selects the pod");
        }
        return caches.RouterLeases.All.Any(RouterSeen.IsRouter) ? null
            : new RoutedWord(true, RoutedGate.NoRouter, "no router is registered");
    }

    private Outcome Judge(V1Pod pod, RoutedStage stage, DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(pod.Status?.PodIP))
        {
            // No table can have a pod without an address: its node is at work.
            _pending[pod.Metadata.Key()] = new RoutedHold(pod, stage, now, null);
            return Outcome.Nothing;
        }
        var judgement = RoutedJudgement.Of([.. ServicesOf(pod).Select(s => Demand(s, pod, stage))],
            RouterSeen.All(caches));
        if (judgement.IsMet)
        {
            _pending.TryRemove(pod.Metadata.Key(), out _);
            var word = stage == RoutedStage.Closed ? Listed : new RoutedWord(true, RoutedGate.Routed,
                $"every router has the pod as ready, since revision {judgement.Revision}{judgement.ExcusedInWords}");
            return new Outcome([RoutedGate.Patch(pod, word, now)]);
        }
        return Hold(pod, stage, judgement, now);
    }

    private Outcome Hold(V1Pod pod, RoutedStage stage, RoutedJudgement judgement, DateTimeOffset now)
    {
        var key = pod.Metadata.Key();
        var since = _pending.TryGetValue(key, out var known) && known.Judgement is not null && known.Stage == stage
            && known.Pod.Metadata.Uid == pod.Metadata.Uid ? known.Since : now;
        _pending[key] = new RoutedHold(pod, stage, since, judgement);
        if (now - since < Limits.HoldToldAfter)
        {
            return new Outcome([], since + Limits.HoldToldAfter - now);
        }
        var isOpen = stage == RoutedStage.Open;
        var told = pod.Condition(RoutedGate.ConditionType);
        var reason = !isOpen ? RoutedGate.Lag : told?.Reason ?? RoutedGate.Listed;
        var word = new RoutedWord(isOpen, reason, judgement.WaitsFor(isOpen ? "as ready" : "at all"));
        var isSame = told is not null && told.Reason == word.Reason && told.Message == word.Message;
        if (isSame && now - (told?.LastProbeTime.ToMoment() ?? now) < Limits.HoldToldAgain)
        {
            return new Outcome([], Limits.HoldToldAgain);
        }
        return new Outcome([RoutedGate.Patch(pod, word, now)], Limits.HoldToldAgain);
    }

    private static Outcome Say(V1Pod pod, RoutedWord word, DateTimeOffset now)
    {
        var patch = RoutedGate.Patch(pod, word, now);
        return word.Reason != RoutedGate.Overridden ? new Outcome([patch]) : new Outcome([patch,
            new RecordEvent(Kinds.Pod, pod.Metadata.Key(), pod.Metadata.Uid)
            {
                Reason = "RoutedOverridden",
                Message = $"Readiness gate {RoutedGate.ConditionType} was opened {word.Message}, not by the routers",
                IsWarning = true,
            }]);
    }

    private RoutedDemand Demand(V1Service service, V1Pod pod, RoutedStage stage)
    {
        var listing = _listings.Find(service.Metadata.Key(), pod.Metadata.Uid);
        return new RoutedDemand(service.Metadata.Name,
            stage == RoutedStage.Closed ? listing?.ListedAt : listing?.ReadyAt) { Slice = listing?.Slice };
    }

    /// <summary>Those whose endpoints list the pod, or will as soon as it has an address.</summary>
    private IEnumerable<V1Service> ServicesOf(V1Pod pod) =>
        caches.Services.In(pod.Metadata.NamespaceProperty ?? "").Where(service => ServicePods.AreOurs(service)
            && LabelSelector.FromMap(service.Spec.Selector).Matches(pod.Metadata.Labels.AsReadOnly())
            && (string.IsNullOrEmpty(pod.Status?.PodIP) || ServicePods.Behind(service, [pod]).Length > 0));

    private void AddPending(WorkQueue queue, string? space)
    {
        foreach (var key in _pending.Keys)
        {
            if (space is null || key.Namespace == space)
            {
                queue.Add(key);
            }
        }
    }
}

/// <param name="Pod">as it was when it was judged</param>
/// <param name="Stage">how far it had come</param>
/// <param name="Since">when this wait began, by the controllers' own clock</param>
/// <param name="Judgement">whom it waits for; null where that is the pod's own node</param>
internal sealed record RoutedHold(V1Pod Pod, RoutedStage Stage, DateTimeOffset Since, RoutedJudgement? Judgement);
