using System.Text.Json.Serialization;

namespace Mainstay.ConsoleSite.Overview;

/// <summary>
/// How something is, as far as evidence that is fresh tells. Worse is larger, but for Idle and Unknown.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<Health>))]
public enum Health
{
    /// <summary>Nothing is asked of it, so nothing is wrong: scaled to zero.</summary>
    Idle,

    Good,

    /// <summary>No fresh evidence. Never shown as good.</summary>
    Unknown,

    Warning,

    Bad,
}

/// <summary>A state with its word: shown as sign, word and colour together.</summary>
public sealed record State(Health Health, string Word)
{
    /// <summary>Works in print, for the colour-blind, and is hidden from screen readers, which read the word.</summary>
    public string Sign => Health switch
    {
        Health.Good => "✓",
        Health.Warning => "!",
        Health.Bad => "✕",
        Health.Idle => "–",
        _ => "?",
    };

    public string Name => Health.ToString().ToLowerInvariant();
}

/// <summary>How old the data of a part of the page are, and from when on they are not believed any more.</summary>
/// <param name="At">null: never heard</param>
/// <param name="Fresh">young enough to be believed</param>
/// <param name="Why">why nothing newer comes, if that is known</param>
public sealed record Freshness(DateTimeOffset? At, bool Fresh, double LimitSeconds, string? Why)
{
    public string Name => At is null ? "none" : Fresh ? "fresh" : "old";
}
