using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mainstay.ConsoleSite.StatusPage;

// The documents of Statuspage's read API, version 2, field by field (https://metastatuspage.com/api). Clients live off
// these names: none is ever renamed, and none is left out where it is null.

internal sealed record PageDocument(string Id, string Name, string Url, string TimeZone, DateTimeOffset UpdatedAt);

internal sealed record StatusDocument(string Indicator, string Description);

internal sealed record ComponentDocument(
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

internal sealed record AffectedComponentDocument(string Code, string Name, string OldStatus, string NewStatus);

internal sealed record UpdateDocument(
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

internal sealed record IncidentDocument(
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
internal sealed record SummaryDocument(
    PageDocument Page,
    ImmutableArray<ComponentDocument> Components,
    ImmutableArray<IncidentDocument> Incidents,
    ImmutableArray<IncidentDocument> ScheduledMaintenances,
    StatusDocument Status);

/// <summary><c>status.json</c></summary>
internal sealed record PageStatusDocument(PageDocument Page, StatusDocument Status);

/// <summary><c>components.json</c></summary>
internal sealed record ComponentsDocument(PageDocument Page, ImmutableArray<ComponentDocument> Components);

/// <summary><c>incidents.json</c>, <c>incidents/unresolved.json</c></summary>
internal sealed record IncidentsDocument(PageDocument Page, ImmutableArray<IncidentDocument> Incidents);

/// <summary><c>scheduled-maintenances.json</c> and its upcoming and active ones</summary>
internal sealed record MaintenancesDocument(
    PageDocument Page, ImmutableArray<IncidentDocument> ScheduledMaintenances);

/// <summary>What Statuspage posts to a subscriber's webhook about an incident.</summary>
internal sealed record SubscriberDocument(
    SubscriberMeta Meta, SubscriberPage Page, IncidentDocument Incident);

internal sealed record SubscriberMeta(string Unsubscribe, string Documentation);

internal sealed record SubscriberPage(string Id, string StatusIndicator, string StatusDescription);

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
