using Mainstay.ConsoleSite.Incidents;
using Mainstay.ConsoleSite.Memory;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.ConsoleSite.Incidents;

/// <summary>A desk over a folder of its own, on the day of the outage, by a clock that stands still.</summary>
internal sealed class GivenIncident : IDisposable
{
    public static readonly DateTimeOffset Declared = new(2017, 10, 27, 14, 16, 0, TimeSpan.Zero);

    public GivenIncident()
    {
        Desk = new IncidentDesk(Folder, Clock, new Random(7));
        Book = new IncidentBook(new ConsoleDatabase(Folder));
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("mainstay-").FullName;

    public FakeTimeProvider Clock { get; } = new(Declared);

    public IncidentDesk Desk { get; }

    public IncidentBook Book { get; }

    public static IncidentAsk Ask { get; } = new()
    {
        By = "ana", Title = "Card payments fail", Severity = "SEV2", Roles = "lead=Ana",
    };

    /// <summary>The incident of the post-mortem, from the declaration to the end.</summary>
    public Incident Whole()
    {
        var ask = Ask with
        {
            Started = "2017-10-27T14:10:00Z", Components = "Card payments=major_outage",
            Message = "linkerd looks unhealthy", Public = "We are looking into failing card payments.",
        };
        Desk.Declare(ask);
        Clock.Advance(TimeSpan.FromMinutes(57));
        Desk.Update("current", new IncidentAsk
        {
            By = "ben", Severity = "SEV1", Status = "identified", Roles = "deputy=Ben",
            Components = "App=major_outage", Message = "all routers were restarted",
            Public = "The app does not load either.",
        });
        Clock.Advance(TimeSpan.FromMinutes(18));
        var last = new IncidentAsk { By = "ana", Message = "the empty service is deleted" };
        return Desk.Resolve("current", last).Incident;
    }

    public void Dispose()
    {
        Desk.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(Folder, recursive: true);
    }
}
