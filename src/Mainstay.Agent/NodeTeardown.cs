using Mainstay.Agent.Pods;
using Mainstay.Agent.Processes;
using Mainstay.Agent.State;
using Mainstay.Kernel;

namespace Mainstay.Agent;

/// <summary>
/// Ends every process that a node's agent has started. For when the agent itself has been stopped already.
/// </summary>
public static class NodeTeardown
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// SIGTERM to all, SIGKILL to what is left after the grace, and then a look that nothing is left.
    /// </summary>
    /// <param name="nodeDataFolder">the agent's --data-dir</param>
    /// <param name="grace">from SIGTERM to SIGKILL</param>
    /// <param name="cancellationToken">cuts the grace short: what is left is killed at once</param>
    /// <exception cref="StartException">processes are left that SIGKILL does not end</exception>
    public static async Task RunAsync(string nodeDataFolder, TimeSpan grace, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var folder = new PodFolder(Path.Combine(Path.GetFullPath(nodeDataFolder), "state"));
        if (!Directory.Exists(folder.Root))
        {
            return;
        }

        var sessions = Find(folder);
        foreach (var session in sessions)
        {
            session.Terminate();
        }

        var since = time.GetTimestamp();
        while (
            Living(sessions).Any() && time.GetElapsedTime(since) < grace && !cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(Step, time, CancellationToken.None);
        }

        since = time.GetTimestamp();
        while (Find(folder).Concat(sessions).Sum(session => session.Kill()) > 0)
        {
            if (time.GetElapsedTime(since) > KillPatience)
            {
                var pids = string.Join(
                    ", ", sessions.SelectMany(session => session.Members()).Select(member => member.Pid));
                throw new StartException(
                    $"processes {pids} do not end by SIGKILL", "look at them with ps; a disk may hang");
            }

            await Task.Delay(Step, time, CancellationToken.None);
        }
    }

    /// <summary>Whether any process that a node's agent has started still runs.</summary>
    /// <param name="nodeDataFolder">the agent's --data-dir</param>
    public static bool AnyLives(string nodeDataFolder)
    {
        var folder = new PodFolder(Path.Combine(Path.GetFullPath(nodeDataFolder), "state"));
        return Directory.Exists(folder.Root) && Living(Find(folder)).Any();
    }

    private static IEnumerable<Session> Living(IEnumerable<Session> sessions) =>
        sessions.Where(session => session.Members().Count > 0);

    /// <summary>What is written down, and what carries a mark of one of these pods and is not.</summary>
    private static List<Session> Find(PodFolder folder)
    {
        var sessions = new Dictionary<ProcessIdentity, Session>();
        foreach (var path in Directory.EnumerateDirectories(folder.Root))
        {
            var uid = Path.GetFileName(path).Split('.')[0];
            foreach (var container in folder.ReadRun(Path.GetFileName(path))?.State.Containers ?? [])
            {
                if (container is { Phase: ContainerPhase.Running, Process: { } process })
                {
                    var mark = Session.MarkOf($"{uid}/{container.Name}/{container.Attempt}");
                    sessions[process] = new Session(process, mark);
                }
            }

            foreach (var (leader, mark) in ProcFs.MarkedLeaders(Session.MarkOf(uid + "/")))
            {
                sessions.TryAdd(leader, new Session(leader, mark));
            }
        }

        return [.. sessions.Values];
    }
}
