using Mainstay.Agent.Processes;
using Mainstay.Agent;

namespace Mainstay.Up;

/// <summary>
/// Stops what a run has started, from what lies on disk: it needs neither <c>up</c> nor an agent to be alive.
/// </summary>
internal static class PlatformTeardown
{
    /// <summary>How long pods may take to stop before they are killed.</summary>
    private static readonly TimeSpan PodGrace = TimeSpan.FromSeconds(10);

    /// <summary>How long a process of ours may take to stop before it is killed.</summary>
    private static readonly TimeSpan ProcessGrace = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(50);

    public static bool AnyPodLives(PlatformPlan plan) =>
        plan.Nodes.Any(node => NodeTeardown.AnyLives(plan.Data.Node(node.Name)));

    public static Task StopAllAsync(PlatformPlan plan, CancellationToken cancellationToken) =>
        StopNodesAsync(plan.Data, plan.Nodes.Select(node => node.Name), cancellationToken);

    public static Task StopNodesAsync(
        DataFolder data, IEnumerable<string> nodes, CancellationToken cancellationToken) =>
        Task.WhenAll(nodes.Select(node => NodeTeardown.RunAsync(data.Node(node), PodGrace, cancellationToken)));

    /// <summary>
    /// Asks the processes to stop, waits, and kills those that did not. Foreign processes are left alone.
    /// </summary>
    public static async Task StopProcessesAsync(
        IEnumerable<ProcessIdentity> processes, TimeProvider time, CancellationToken cancellationToken)
    {
        var alive = processes.Where(process => process.IsRunning()).ToList();
        alive.ForEach(process => ProcessSignals.Terminate(process.Pid));
        var began = time.GetTimestamp();
        while (alive.Any(process => process.IsRunning()) && time.GetElapsedTime(began) < ProcessGrace)
        {
            await Task.Delay(PollEvery, time, cancellationToken);
        }

        alive.Where(process => process.IsRunning()).ToList().ForEach(process => ProcessSignals.KillNow(process.Pid));
    }
}
