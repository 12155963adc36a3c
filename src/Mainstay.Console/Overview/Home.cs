using System.Collections.Immutable;
using Mainstay.ConsoleSite.Changes;
using Mainstay.ConsoleSite.Checks;
using Mainstay.ConsoleSite.Incidents;
using Mainstay.ConsoleSite.Memory;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kernel;
using Microsoft.Data.Sqlite;

namespace Mainstay.ConsoleSite.Overview;

/// <summary>All that the pages are made of, as of one moment.</summary>
/// <param name="Server">the API server that the console reads</param>
/// <param name="Signals">null until the first report</param>
public sealed record Home(
    OverviewPageModel Overview, string Server, SignalReport? Signals, IncidentsNow Incidents, ChangesNow Changes)
{
    /// <summary>Whether routers and agents could start anew.</summary>
    public ProofsNow Proofs { get; init; } = ProofsNow.None;
}

/// <param name="All">those that are open first</param>
/// <param name="Fault">why they cannot be read; null: they are as of now</param>
public sealed record IncidentsNow(ImmutableArray<Incident> All, string? Fault)
{
    public static IncidentsNow None { get; } = new([], null);

    public IEnumerable<Incident> Open => All.Where(incident => incident.IsOpen);
}

/// <param name="Last">newest first</param>
/// <param name="FedAt">when the ledger's source that was heard least lately was heard; null: none ever was</param>
/// <param name="Fault">why it cannot be read; null: it is as of now</param>
public sealed record ChangesNow(ImmutableArray<Change> Last, DateTimeOffset? FedAt, string? Fault)
{
    /// <summary>The ledger's data count as current for this long after its sources were heard.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(60);

    /// <summary>How far pages look back: what was done two weeks ago may be what breaks today.</summary>
    public static readonly TimeSpan Back = TimeSpan.FromDays(14);

    public static ChangesNow None { get; } = new([], null, null);

    public Freshness FreshnessAt(DateTimeOffset now) => new(
        FedAt, Fault is null && FedAt is { } at && now - at <= FreshFor, FreshFor.TotalSeconds, Fault);
}

/// <summary>
/// The picture of now; a second's worth of requests share what comes from the console's file. Thread safe.
/// </summary>
internal sealed class HomeSource(
    OverviewSource overview, SignalWatch signals, ProofWatch proofs, IncidentDesk desk, ConsoleDatabase database,
    TimeProvider time)
{
    private static readonly TimeSpan SharedFor = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private DateTimeOffset? _readAt;
    private IncidentsNow _incidents = IncidentsNow.None;
    private ChangesNow _changes = ChangesNow.None;

    public Home Now()
    {
        var page = overview.Now();
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (_readAt is not { } at || now - at > SharedFor || now < at)
            {
                _incidents = ReadIncidents();
                _changes = ReadChanges(now);
                _readAt = now;
            }

            return new Home(page, overview.Server, signals.Report, _incidents, _changes) { Proofs = proofs.Now };
        }
    }

    /// <summary>What was written a moment ago is to be seen at once.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _readAt = null;
        }
    }

    private IncidentsNow ReadIncidents()
    {
        try
        {
            return new IncidentsNow(desk.All(), null);
        }
        catch (StartException fault)
        {
            return _incidents with { Fault = fault.Message };
        }
    }

    private ChangesNow ReadChanges(DateTimeOffset now)
    {
        try
        {
            var ledger = new ChangeLedger(database);
            return new ChangesNow(
                ledger.Between(now - ChangesNow.Back, now), ChangeAnswer.Heard(ledger.FedAt()).Min(), null);
        }
        catch (SqliteException fault)
        {
            return _changes with { Fault = fault.Message };
        }
    }
}
