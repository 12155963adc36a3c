using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mainstay.ConsoleSite.Incidents;

/// <summary>What a person did about an incident.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IncidentAct>))]
public enum IncidentAct
{
    Declared,
    Updated,
    Resolved,

    /// <summary>A remark on the timeline; it is told to nobody.</summary>
    Noted,
}

/// <summary>
/// One act on an incident. The entries are the incident: nothing else is kept of it. Fields that were not given are
/// null or empty and leave what was.
/// </summary>
public sealed record IncidentEntry
{
    /// <summary>Given by the book; grows over all incidents. 0: not in the book yet.</summary>
    public long Number { get; init; }

    public required string Incident { get; init; }

    public required DateTimeOffset At { get; init; }

    public required IncidentAct Act { get; init; }

    /// <summary>Who did it.</summary>
    public string By { get; init; } = "";

    public string? Title { get; init; }

    public string? PublicTitle { get; init; }

    public IncidentSeverity? Severity { get; init; }

    public IncidentStatus? Status { get; init; }

    public IncidentImpact? Impact { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public ImmutableSortedDictionary<string, string> Roles { get; init; } = Incidents.Incident.NoRoles;

    public ImmutableSortedDictionary<string, ComponentStatus> Components { get; init; } =
        Incidents.Incident.NoComponents;

    /// <summary>For those inside.</summary>
    public string? Message { get; init; }

    /// <summary>For those outside: a post on the public page.</summary>
    public string? Public { get; init; }

    internal string ToJson() => JsonSerializer.Serialize(
        new StoredEntry(Act)
        {
            By = By,
            Title = Title,
            PublicTitle = PublicTitle,
            Severity = Severity,
            Status = Status,
            Impact = Impact,
            StartedAt = StartedAt,
            Roles = Roles.Count > 0 ? Roles.ToDictionary() : null,
            Components = Components.Count > 0 ? Components.ToDictionary() : null,
            Message = Message,
            Public = Public,
        },
        EntryJson.Default.StoredEntry);

    /// <exception cref="JsonException">it is no entry</exception>
    internal static IncidentEntry Read(long number, string incident, DateTimeOffset at, string json)
    {
        var stored = JsonSerializer.Deserialize(json, EntryJson.Default.StoredEntry)
            ?? throw new JsonException($"entry {number} is the JSON null");
        return new IncidentEntry
        {
            Number = number,
            Incident = incident,
            At = at,
            Act = stored.Act,
            By = stored.By ?? "",
            Title = stored.Title,
            PublicTitle = stored.PublicTitle,
            Severity = stored.Severity,
            Status = stored.Status,
            Impact = stored.Impact,
            StartedAt = stored.StartedAt,
            Roles = Sorted(stored.Roles) ?? Incidents.Incident.NoRoles,
            Components = Sorted(stored.Components) ?? Incidents.Incident.NoComponents,
            Message = stored.Message,
            Public = stored.Public,
        };
    }

    private static ImmutableSortedDictionary<string, T>? Sorted<T>(Dictionary<string, T>? stored) =>
        stored?.ToImmutableSortedDictionary(StringComparer.Ordinal);
}

/// <summary>An entry as it lies on the disk: everything but the act may be absent.</summary>
internal sealed record StoredEntry(IncidentAct Act)
{
    public string? By { get; init; }

    public string? Title { get; init; }

    public string? PublicTitle { get; init; }

    public IncidentSeverity? Severity { get; init; }

    public IncidentStatus? Status { get; init; }

    public IncidentImpact? Impact { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public Dictionary<string, string>? Roles { get; init; }

    public Dictionary<string, ComponentStatus>? Components { get; init; }

    public string? Message { get; init; }

    public string? Public { get; init; }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredEntry))]
internal sealed partial class EntryJson : JsonSerializerContext;
