using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Mainstay.ConsoleSite.Incidents;

// Public, since the components that show an incident are.

/// <summary>How bad it is for the company; in doubt take the higher one, which is the lower number.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IncidentSeverity>))]
public enum IncidentSeverity
{
    /// <summary>Critical: many customers cannot do what they came for.</summary>
    Sev1 = 1,

    /// <summary>Major: a part of them cannot.</summary>
    Sev2 = 2,

    /// <summary>Minor: they can, with trouble.</summary>
    Sev3 = 3,

    /// <summary>Trivial: customers do not notice.</summary>
    Sev4 = 4,
}

/// <summary>How far it is. The words are those of Statuspage.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IncidentStatus>))]
public enum IncidentStatus
{
    Investigating,
    Identified,
    Monitoring,
    Resolved,
}

/// <summary>How bad it is for those outside. The words are those of Statuspage.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IncidentImpact>))]
public enum IncidentImpact
{
    None,
    Minor,
    Major,
    Critical,
}

/// <summary>How a component is, for those outside; worse is larger. The words are those of Statuspage.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ComponentStatus>))]
public enum ComponentStatus
{
    Operational,
    DegradedPerformance,
    PartialOutage,
    MajorOutage,
}

/// <summary>An incident as it is now: what its entries add up to (<see cref="IncidentFold"/>).</summary>
public sealed record Incident
{
    /// <summary>Twelve lower case letters and digits, chosen at random: unique across platforms.</summary>
    public required string Id { get; init; }

    public required string Title { get; init; }

    /// <summary>The name on the public page; the title unless another was given.</summary>
    public required string PublicTitle { get; init; }

    public required IncidentSeverity Severity { get; init; }

    public required IncidentStatus Status { get; init; }

    public required IncidentImpact Impact { get; init; }

    /// <summary>When customers began to notice; the declaration unless told otherwise.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset DeclaredAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? MonitoringAt { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>Role to name: lead, deputy, scribe, operations, customer-liaison, internal-liaison.</summary>
    public ImmutableSortedDictionary<string, string> Roles { get; init; } = NoRoles;

    /// <summary>Components of the public page that it touches, by name.</summary>
    public ImmutableSortedDictionary<string, ComponentStatus> Components { get; init; } = NoComponents;

    /// <summary>What was done, oldest first.</summary>
    public ImmutableArray<IncidentEntry> Entries { get; init; } = [];

    /// <summary>What was told to those outside, oldest first.</summary>
    public ImmutableArray<PublicPost> Posts { get; init; } = [];

    public bool IsOpen => Status != IncidentStatus.Resolved;

    /// <summary>Only what was told to those outside stands on the public page.</summary>
    public bool IsPublic => Posts.Length > 0;

    internal static ImmutableSortedDictionary<string, string> NoRoles { get; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    internal static ImmutableSortedDictionary<string, ComponentStatus> NoComponents { get; } =
        ImmutableSortedDictionary.Create<string, ComponentStatus>(StringComparer.Ordinal);
}

/// <summary>A post on the public page.</summary>
/// <param name="Id">stable: made of the incident's id and the entry's number</param>
/// <param name="Components">those that it touches, with their status before and from then on</param>
public sealed record PublicPost(
    string Id, DateTimeOffset At, IncidentStatus Status, string Body, ImmutableArray<ComponentChange> Components)
{
    /// <summary>What the incident was called outside when this was posted.</summary>
    public string Title { get; init; } = "";

    public IncidentImpact Impact { get; init; }

    public DateTimeOffset StartedAt { get; init; }
}

public sealed record ComponentChange(string Name, ComponentStatus Before, ComponentStatus After);
