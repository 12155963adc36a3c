using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Mainstay.ConsoleSite.Pages;

namespace Mainstay.ConsoleSite.StatusPage;

/// <summary>The page as files: path below the page's address to content. Pure but for the rendering.</summary>
internal sealed class PageFiles(PageRenderer renderer)
{
    /// <summary>Every path that there can be, with its type: nothing else is ever served or read back.</summary>
    public static readonly ImmutableSortedDictionary<string, string> Types =
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, string>
        {
            ["index.html"] = "text/html; charset=utf-8",
            ["history.html"] = "text/html; charset=utf-8",
            ["history.atom"] = "application/atom+xml; charset=utf-8",
            ["status-page.css"] = "text/css; charset=utf-8",
            ["icon.svg"] = "image/svg+xml",
            ["api/v2/summary.json"] = Json,
            ["api/v2/status.json"] = Json,
            ["api/v2/components.json"] = Json,
            ["api/v2/incidents.json"] = Json,
            ["api/v2/incidents/unresolved.json"] = Json,
            ["api/v2/scheduled-maintenances.json"] = Json,
            ["api/v2/scheduled-maintenances/upcoming.json"] = Json,
            ["api/v2/scheduled-maintenances/active.json"] = Json,
        });

    private const string Json = "application/json; charset=utf-8";

    public async Task<ImmutableSortedDictionary<string, byte[]>> OfAsync(PublicPage page)
    {
        var about = page.Summary.Page;
        var maintenances = Bytes(new MaintenancesDocument(about, []), PageJson.Default.MaintenancesDocument);
        var model = new Dictionary<string, object?> { [nameof(StatusIndex.Model)] = page };
        return ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, byte[]>
        {
            ["index.html"] = Encoding.UTF8.GetBytes(await renderer.RenderAsync<StatusIndex>(model)),
            ["history.html"] = Encoding.UTF8.GetBytes(await renderer.RenderAsync<StatusHistory>(model)),
            ["history.atom"] = HistoryFeed.Atom10(page),
            ["status-page.css"] = SiteFiles.Content("status-page.css"),
            ["icon.svg"] = SiteFiles.Content("icon.svg"),
            ["api/v2/summary.json"] = Bytes(page.Summary, PageJson.Default.SummaryDocument),
            ["api/v2/status.json"] = Bytes(
                new PageStatusDocument(about, page.Summary.Status), PageJson.Default.PageStatusDocument),
            ["api/v2/components.json"] = Bytes(
                new ComponentsDocument(about, page.Summary.Components), PageJson.Default.ComponentsDocument),
            ["api/v2/incidents.json"] = Bytes(
                new IncidentsDocument(about, page.History), PageJson.Default.IncidentsDocument),
            ["api/v2/incidents/unresolved.json"] = Bytes(
                new IncidentsDocument(about, page.Summary.Incidents), PageJson.Default.IncidentsDocument),
            ["api/v2/scheduled-maintenances.json"] = maintenances,
            ["api/v2/scheduled-maintenances/upcoming.json"] = maintenances,
            ["api/v2/scheduled-maintenances/active.json"] = maintenances,
        });
    }

    /// <summary>
    /// The incidents as a page that was written before told them: all there is where the book is broken.
    /// </summary>
    public static ImmutableArray<IncidentDocument> IncidentsIn(byte[]? incidentsJson)
    {
        try
        {
            var told = incidentsJson is null
                ? null
                : JsonSerializer.Deserialize(incidentsJson, PageJson.Default.IncidentsDocument);
            return told is null || told.Incidents.IsDefault ? [] : told.Incidents;
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static byte[] Bytes<T>(T document, JsonTypeInfo<T> type) =>
        JsonSerializer.SerializeToUtf8Bytes(document, type);
}
