using Mainstay.Agent.Processes;
using System.Diagnostics;
using Mainstay.Kernel;

namespace Mainstay.Up;

/// <summary>
/// Runs one node's agent and starts it again when it ends. The agent's pods live on meanwhile and are adopted by the
/// next one, so that the only cost of a dead agent is that nobody watches.
/// </summary>
internal sealed class AgentSupervisor(PlatformPlan plan, NodePlan node, TimeProvider time, Random random)
{
    private static readonly BackoffOptions Restarts = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10));

    /// <summary>An agent that ran this long was well: the back-off starts over.</summary>
    private static readonly TimeSpan WellAfter = TimeSpan.FromSeconds(30);

    /// <summary>An agent stops within this time or is killed; its pods are none of its stop.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);

    /// <summary>Told of each agent process as it starts.</summary>
    public required Action<ProcessIdentity> Started { get; init; }

    /// <summary>Told, in one line, of each end that nobody asked for.</summary>
    public required Action<string> Ended { get; init; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(Restarts, random);
        while (!cancellationToken.IsCancellationRequested)
        {
            var started = time.GetTimestamp();
            var exitCode = await RunOnceAsync(cancellationToken);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            if (time.GetElapsedTime(started) > WellAfter)
            {
                backoff.Reset();
            }

            var log = plan.Data.AgentLog(node.Name);
            Ended($"the agent of {node.Name} ended with {exitCode}; starting it again (its log: {log})");
            await Task.Delay(backoff.Next(), time, cancellationToken);
        }
    }

    private async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        using var process = Process.Start(StartInfo())
            ?? throw new StartException(
                $"the agent of {node.Name} did not start", "see whether the build is whole: ./test");
        if (ProcessIdentity.Of(process.Id) is { } identity)
        {
            Started(identity);
        }

        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await StopAsync(process);
        }

        return process.ExitCode;
    }

    private async Task StopAsync(Process process)
    {
        using var patience = new CancellationTokenSource(StopGrace, time);
        ProcessSignals.Terminate(process.Id);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>Through a shell, which alone can give the agent a log file of its own and then become it.</summary>
    private ProcessStartInfo StartInfo()
    {
        var data = plan.Data;
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
        string[] words =
        [
            "-c", "exec \"$@\" >>\"$0\" 2>&1 </dev/null", data.AgentLog(node.Name),
            plan.Programs.Mainstay, "node", "--name", node.Name, "--address", node.Address, "--pod-cidr", node.PodCidr,
            "--zone", node.Zone, "--data-dir", data.Node(node.Name), "--manifests", data.Manifests(node.Name),
            "--images", data.Images, "--volumes", data.Volumes, "--kubeconfig", data.ComponentKubeconfig(node.Name),
        ];
        foreach (var word in words)
        {
            start.ArgumentList.Add(word);
        }

        return start;
    }
}
