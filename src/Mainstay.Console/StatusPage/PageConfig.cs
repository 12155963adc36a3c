using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mainstay.ConsoleSite.Incidents;
using Mainstay.Kernel;

namespace Mainstay.ConsoleSite.StatusPage;

/// <summary>
/// How the public page is called and what stands on it: <c>page.json</c> of the console's folder, all of it optional.
/// <c>{"name":"Bank","url":"https://status.example","components":[{"journey":"card-payments","name":"Card
/// payments"}]}</c>
/// </summary>
internal sealed record PageConfig
{
    public string Name { get; init; } = "Mainstay";

    /// <summary>
    /// Where people read the page; made the links and the ids of the feed. Without a slash at the end.
    /// </summary>
    public string Url { get; init; } = "http://127.0.0.1:7080";

    /// <summary>Components in the order of the page; journeys that are not named come after them.</summary>
    public ImmutableArray<ComponentConfig> Components { get; init; } = [];

    /// <summary>Stable as long as the page keeps its address.</summary>
    public string Id => IncidentFold.StableId($"page/{Url}");

    public string Host => new Uri(Url).Host;

    /// <param name="fallbackUrl">the address of the page where the file names none</param>
    /// <exception cref="StartException">the file is there and makes no sense</exception>
    public static PageConfig Read(string folder, string? fallbackUrl = null)
    {
        var path = Path.Combine(folder, "page.json");
        PageFile? file;
        try
        {
            file = JsonSerializer.Deserialize(File.ReadAllBytes(path), PageConfigJson.Default.PageFile);
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            file = null;
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new StartException(
                $"{path}: {fault.Message}", "mend it or remove it; docs/incidents.md has its form");
        }

        var config = new PageConfig();
        var url = (file?.Url ?? fallbackUrl ?? config.Url).TrimEnd('/');
        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed)
            || (parsed.Scheme != Uri.UriSchemeHttps && parsed.Scheme != Uri.UriSchemeHttp))
        {
            throw new StartException($"{path}: url '{url}' is no address", "give one such as https://status.example");
        }

        return new PageConfig
        {
            Name = file?.Name is { Length: > 0 } name ? name : config.Name,
            Url = url,
            Components =
            [
                .. (file?.Components ?? [])
                    .Where(one => one.Journey is { Length: > 0 } || one.Name is { Length: > 0 })
                    .Select(one => new ComponentConfig(
                        one.Journey ?? "", one.Name ?? ComponentNames.Of(one.Journey ?? ""), one.Description)),
            ],
        };
    }
}

/// <param name="Journey">as in the annotation <c>mainstay.dev/journeys</c>; empty: only incidents set its
/// status</param>
internal sealed record ComponentConfig(string Journey, string Name, string? Description);

internal static class ComponentNames
{
    /// <summary><c>card-payments</c> is "Card payments".</summary>
    public static string Of(string journey) =>
        journey.Length == 0 ? "" : char.ToUpperInvariant(journey[0]) + journey[1..].Replace('-', ' ');

    /// <summary>A component's id on a page: by its name, so that it outlives every restart.</summary>
    public static string Id(string name) => IncidentFold.StableId($"component/{name}");
}

internal sealed record PageFile(string? Name, string? Url, PageFileComponent[]? Components);

internal sealed record PageFileComponent(string? Journey, string? Name, string? Description);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PageFile))]
internal sealed partial class PageConfigJson : JsonSerializerContext;
