using Mainstay.Kernel;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Mainstay.ConsoleSite.Incidents.Voices;

/// <summary>
/// The console's part in telling: what the command line left waiting is sent when its time comes. A broken file ends
/// nothing but the telling, and is told once.
/// </summary>
internal sealed class DeliveryLoop(IncidentDesk desk, TimeProvider time, ILogger<DeliveryLoop> logger)
{
    private string? _told;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(VoiceLimits.LookEvery, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            await TurnAsync(cancellationToken);
        }
    }

    internal async Task TurnAsync(CancellationToken cancellationToken)
    {
        try
        {
            await desk.Deliverer.SendDueAsync(cancellationToken);
            _told = null;
        }
        catch (Exception fault) when (fault is SqliteException or StartException or IOException)
        {
            if (_told != fault.Message)
            {
                logger.CannotTell(fault.Message);
                _told = fault.Message;
            }
        }
    }
}
