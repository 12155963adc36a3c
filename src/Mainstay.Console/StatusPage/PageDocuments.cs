using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mainstay.ConsoleSite.StatusPage;

// The documents of Statuspage's read API, version 2, field by field (https://metastatuspage.com/api). Clients live off
// these names: none is ever renamed, and none is left out where it is null.

public sealed record PageDocument(string Id, string Name, string Url, string TimeZone, DateTimeOffset UpdatedAt);

public sealed record StatusDocument(string Indicator, string Description);

public sealed record ComponentDocument(
    string Id,
    string Name,
    string Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    int Position,
    string? Description,
    bool Showcase,
    string? StartDate,
    string? GroupId,
    string PageId,
    bool Group,
    bool OnlyShowIfDegraded);

public sealed record AffectedComponentDocument(string Code, string Name, string OldStatus, string NewStatus);

public sealed record UpdateDocument(
    string Id,
    string Status,
    string Body,
    string IncidentId,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset DisplayAt,
    ImmutableArray<AffectedComponentDocument>? AffectedComponents,
    bool DeliverNotifications,
    string? CustomTweet,
    string? TweetId);

public sealed record IncidentDocument(
    string Id,
    string Name,
    string Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? MonitoringAt,
    DateTimeOffset? ResolvedAt,
    string Impact,
    string Shortlink,
    DateTimeOffset StartedAt,
    string PageId,
    ImmutableArray<UpdateDocument> IncidentUpdates,
    ImmutableArray<ComponentDocument> Components);

/// <summary><c>summary.json</c></summary>
public sealed record SummaryDocument(
    PageDocument Page,
    ImmutableArray<ComponentDocument> Components,
    ImmutableArray<IncidentDocument> Incidents,
    ImmutableArray<IncidentDocument> ScheduledMaintenances,
    StatusDocument Status);

/// <summary><c>status.json</c></summary>
public sealed record PageStatusDocument(PageDocument Page, StatusDocument Status);

/// <summary><c>components.json</c></summary>
public sealed record ComponentsDocument(PageDocument Page, ImmutableArray<ComponentDocument> Components);

/// <summary><c>incidents.json</c>, <c>incidents/unresolved.json</c></summary>
public sealed record IncidentsDocument(PageDocument Page, ImmutableArray<IncidentDocument> Incidents);

/// <summary><c>scheduled-maintenances.json</c> and its upcoming and active ones</summary>
public sealed record MaintenancesDocument(
    PageDocument Page, ImmutableArray<IncidentDocument> ScheduledMaintenances);

/// <summary>What Statuspage posts to a subscriber's webhook about an incident.</summary>
public sealed record SubscriberDocument(
    SubscriberMeta Meta, SubscriberPage Page, IncidentDocument Incident);

public sealed record SubscriberMeta(string Unsubscribe, string Documentation);

public sealed record SubscriberPage(string Id, string StatusIndicator, string StatusDescription);

/// <summary>RFC 3339 in UTC, with milliseconds, as Statuspage writes it.</summary>
internal sealed class MillisecondTime : JsonConverter<DateTimeOffset>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public static string Text(DateTimeOffset at) => at.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Text(value));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(MillisecondTime)])]
[JsonSerializable(typeof(SummaryDocument))]
[JsonSerializable(typeof(PageStatusDocument))]
[JsonSerializable(typeof(ComponentsDocument))]
[JsonSerializable(typeof(IncidentsDocument))]
[JsonSerializable(typeof(MaintenancesDocument))]
[JsonSerializable(typeof(SubscriberDocument))]
internal sealed partial class PageJson : JsonSerializerContext;
