using System.Collections.Immutable;
using k8s.Models;
using Mainstay.Agent.State;

namespace Mainstay.Agent.Pods;

/// <summary>A pod as everybody else on the node may see it. Never changed.</summary>
internal sealed record PodReport(PodRecord Record, PodState State, V1PodStatus Status)
{
    public string Uid => Record.Uid;
}

/// <summary>
/// What runs on this node, for those who read: one immutable snapshot, swapped at each change, and a task that ends
/// when there is a newer one. Thread safe.
/// </summary>
internal sealed class PodBoard
{
    private readonly Lock _lock = new();
    private volatile PodBoardView _view = new(ImmutableSortedDictionary<string, PodReport>.Empty);

    /// <summary>Called after each change, on whichever thread made it: be quick.</summary>
    public event Action? Changed;

    public PodBoardView View => _view;

    public void Set(PodReport report) => Swap(pods => pods.SetItem(report.Uid, report));

    public void Remove(string uid) => Swap(pods => pods.Remove(uid));

    private void Swap(
        Func<ImmutableSortedDictionary<string, PodReport>, ImmutableSortedDictionary<string, PodReport>> change)
    {
        PodBoardView old;
        lock (_lock)
        {
            old = _view;
            _view = new PodBoardView(change(old.Pods));
        }

        old.Replace();
        Changed?.Invoke();
    }
}

/// <param name="Pods">by uid</param>
internal sealed record PodBoardView(ImmutableSortedDictionary<string, PodReport> Pods)
{
    private readonly TaskCompletionSource _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when there is a newer view.</summary>
    public Task Replaced => _replaced.Task;

    public void Replace() => _replaced.TrySetResult();
}
