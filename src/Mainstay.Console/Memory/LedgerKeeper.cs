using Mainstay.ConsoleSite.Actions;
using Mainstay.ConsoleSite.Changes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Mainstay.ConsoleSite.Memory;

/// <summary>
/// Keeps the ledgers true and small while the console runs, whatever else is up: an action whose process is gone is
/// told as halted within seconds, and what is too old is forgotten.
/// </summary>
internal sealed class LedgerKeeper(
    ChangeLedger changes, ActionLedger actions, TimeProvider time, ILogger<LedgerKeeper> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ForgetInterval = TimeSpan.FromHours(1);

    private long? _forgotAt;
    private bool _failing;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            Turn();
        }
    }

    internal void Turn()
    {
        var now = time.GetUtcNow();
        try
        {
            actions.HaltAbandoned(now);
            if (_forgotAt is not { } at || time.GetElapsedTime(at) >= ForgetInterval)
            {
                changes.Forget(now);
                actions.Forget(now);
                _forgotAt = time.GetTimestamp();
            }

            _failing = false;
        }
        catch (SqliteException fault)
        {
            // A full disk must not end the one program that shows what is wrong.
            if (!_failing)
            {
                logger.LedgerNotWritten(fault.Message);
                _failing = true;
            }
        }
    }
}
