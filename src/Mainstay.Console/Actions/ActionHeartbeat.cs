using Mainstay.ConsoleSite.Memory;
using Microsoft.Data.Sqlite;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>
/// Renews the lock of one running action, so that nobody takes its process for dead. A beat that the file refuses is
/// beaten again; the action is stopped before another process may take over:
/// <code>
///     10:00:00  beat        10:00:01  the file is busy      10:00:09  stopped: no wave begins any more
///                                                           10:00:15  another may call it dead, and start its own
/// </code>
/// One loop; <see cref="Lost"/> is read after it.
/// </summary>
internal sealed class ActionHeartbeat(ActionLedger ledger, string id, TimeProvider time)
{
    /// <summary>A beat may wait for the file, and the next comes a look later: both end before the limit.</summary>
    public static readonly TimeSpan LostAfter = ActionLedger.HeartbeatLimit
        - TimeSpan.FromSeconds(ConsoleDatabase.BusySeconds) - ActionEngine.LookInterval;

    /// <summary>Why the lock does not count any more; empty: it does.</summary>
    public string Lost { get; private set; } = "";

    /// <param name="stop">cancelled where the lock is lost</param>
    /// <param name="ended">the action has ended</param>
    public async Task RunAsync(CancellationTokenSource stop, CancellationToken ended)
    {
        using var timer = new PeriodicTimer(ActionEngine.LookInterval, time);
        var beatAt = time.GetTimestamp();
        try
        {
            while (Lost.Length == 0 && await timer.WaitForNextTickAsync(ended))
            {
                var began = time.GetTimestamp();
                if (Beat() is not { } fault)
                {
                    beatAt = began;
                }
                else if (fault.Length == 0)
                {
                    Lost = "its lock was taken: another process held it for dead";
                }
                else if (time.GetElapsedTime(beatAt) >= LostAfter)
                {
                    Lost = $"its lock could not be renewed for {LostAfter.TotalSeconds:0} s: {fault}";
                }
            }

            await stop.CancelAsync();
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The action has ended.
        }
    }

    /// <returns>null: the lock holds; empty: another has it; else why it is not known</returns>
    private string? Beat()
    {
        try
        {
            return ledger.Beat(id, time.GetUtcNow()) ? null : "";
        }
        catch (SqliteException fault)
        {
            return fault.Message;
        }
    }
}
