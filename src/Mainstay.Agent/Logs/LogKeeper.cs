using Mainstay.Agent.Pods;

namespace Mainstay.Agent.Logs;

/// <summary>Looks after the logs of what runs: notes their times, turns those that are too long. One loop.</summary>
internal sealed class LogKeeper(PodBoard board, string logsFolder, TimeProvider time)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Limits.LogCheck, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            foreach (var report in board.View.Pods.Values)
            {
                foreach (var container in report.State.Containers.Where(c => c.Phase == ContainerPhase.Running))
                {
                    Check(LogFiles.PathOf(
                        Path.Combine(logsFolder, report.Record.FolderName), container.Name, container.Attempt));
                }
            }
        }
    }

    private void Check(string log)
    {
        try
        {
            LogFiles.Check(log, time.GetUtcNow());
        }
        catch (IOException)
        {
            // A full disk, or a log removed by hand: the next look finds it, and no other log waits for this one.
        }
    }
}
