using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mainstay.ConsoleSite.Incidents;

namespace Mainstay.ConsoleSite.StatusPage;

/// <summary>
/// What the page knew last: when the platform was heard, and each component with its last known status. It lies in
/// <c>status-page.json</c> of the console's folder, so that a page that starts while the platform is gone still names
/// its components and says since when it hears nothing.
/// </summary>
internal sealed record PageMemory
{
    /// <summary>How long a journey that no service and no configuration names stays on the page.</summary>
    private static readonly TimeSpan GhostAge = TimeSpan.FromDays(1);

    /// <summary>When this page was begun.</summary>
    public DateTimeOffset BegunAt { get; init; }

    public DateTimeOffset? ContactAt { get; init; }

    public ImmutableArray<KnownComponent> Components { get; init; } = [];

    /// <summary>
    /// Takes in a reading; what it does not tell stays as it was, with the time at which it was told last. A journey
    /// that nothing names any more is forgotten after a day of contact.
    /// </summary>
    public PageMemory With(PlatformReading reading, PageConfig config, DateTimeOffset now)
    {
        // A clock that runs ahead on the other side must not keep the contact young.
        var contact = Later(ContactAt, reading.ContactAt > now ? now : reading.ContactAt);
        var known = Components.ToDictionary(component => component.Journey, StringComparer.Ordinal);
        foreach (var (journey, status) in reading.Journeys)
        {
            var before = known.GetValueOrDefault(journey) ?? new KnownComponent(journey, status, now, now);
            known[journey] = (before.Status == status ? before : before with { Status = status, ChangedAt = now })
                with { ToldAt = now };
        }

        foreach (var ghost in known.Values
            .Where(one => reading.Journeys.Count > 0 && now - (one.ToldAt ?? one.ChangedAt) > GhostAge).ToList())
        {
            known.Remove(ghost.Journey);
        }

        foreach (var named in config.Components.Where(one => one.Journey.Length > 0))
        {
            // A journey that is on the page but that no service bears is not known; its name stays.
            known.TryAdd(named.Journey, new KnownComponent(named.Journey, null, now, now));
        }

        // Once services name their journeys, the one that stood for all of them goes.
        if (reading.Journeys.Count > 0 && !reading.Journeys.ContainsKey(PlatformReading.WholePlatform)
            && config.Components.All(one => one.Journey != PlatformReading.WholePlatform))
        {
            known.Remove(PlatformReading.WholePlatform);
        }

        return this with
        {
            ContactAt = contact,
            Components = [.. known.Values.OrderBy(component => component.Journey, StringComparer.Ordinal)],
        };
    }

    public static PageMemory Load(string file, DateTimeOffset now)
    {
        try
        {
            var memory = JsonSerializer.Deserialize(File.ReadAllBytes(file), PageMemoryJson.Default.PageMemory);
            return memory is null || memory.Components.IsDefault ? new PageMemory { BegunAt = now } : memory;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            return new PageMemory { BegunAt = now };
        }
    }

    /// <exception cref="IOException">the disk is full or gone</exception>
    public void Save(string file)
    {
        File.WriteAllBytes($"{file}.new", JsonSerializer.SerializeToUtf8Bytes(this, PageMemoryJson.Default.PageMemory));
        File.Move($"{file}.new", file, overwrite: true);
    }

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null || other > one ? other ?? one : one;
}

/// <param name="Status">null: never known</param>
/// <param name="SeenAt">when it came onto the page</param>
internal sealed record KnownComponent(
    string Journey, ComponentStatus? Status, DateTimeOffset SeenAt, DateTimeOffset ChangedAt)
{
    /// <summary>When the platform told its status last; null: never.</summary>
    public DateTimeOffset? ToldAt { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PageMemory))]
internal sealed partial class PageMemoryJson : JsonSerializerContext;
