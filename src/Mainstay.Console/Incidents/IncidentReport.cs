using System.Collections.Immutable;
using Mainstay.ConsoleSite.Incidents.Voices;

namespace Mainstay.ConsoleSite.Incidents;

/// <summary>All that is known of an incident at one moment.</summary>
/// <param name="Blind">sources of the timeline that could not be read, in words</param>
public sealed record IncidentReport(
    DateTimeOffset At,
    Incident Incident,
    CommsClock Clock,
    ImmutableArray<TimelineLine> Timeline,
    ImmutableArray<Receipt> Receipts,
    ImmutableArray<string> Blind);
