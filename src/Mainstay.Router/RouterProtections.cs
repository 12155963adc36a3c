namespace Mainstay.Router;

/// <summary>
/// What protects the table and the calls, each of which a drill can take away by name (<c>--without</c>), to show what
/// it is good for. Everything is on otherwise.
/// </summary>
internal sealed record RouterProtections
{
    public static readonly RouterProtections All = new();

    /// <summary>A senseless object is kept out alone; without, it fails the whole list, and null is no list.</summary>
    public bool Tolerance { get; init; } = true;

    /// <summary>The table on the disk, from which a router starts.</summary>
    public bool Snapshot { get; init; } = true;

    /// <summary>The heartbeat: its reading, its writing, and the leaving of an API server that is stale.</summary>
    public bool Freshness { get; init; } = true;

    /// <summary>Endpoints that vanish all at once stay in use while they answer.</summary>
    public bool Brake { get; init; } = true;

    /// <summary>A second service takes the calls of one that has nothing live.</summary>
    public bool Fallback { get; init; } = true;

    /// <summary>The names of what is off.</summary>
    public IReadOnlyList<string> Off =>
        [.. Named().Where(protection => !protection.IsOn).Select(protection => protection.Name)];

    /// <param name="names">of what is to be off, with commas between; "all" for all</param>
    /// <param name="protections">what is left</param>
    /// <returns>what is wrong, or null</returns>
    public static string? TryTakeAway(string names, out RouterProtections protections)
    {
        protections = All;
        foreach (var name in names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (protections.Without(name) is not { } fewer)
            {
                var known = string.Join(", ", All.Named().Select(protection => protection.Name));
                return $"\"{name}\" is no protection; there are {known}, and all";
            }

            protections = fewer;
        }

        return null;
    }

    private RouterProtections? Without(string name) => name switch
    {
        "tolerance" => this with { Tolerance = false },
        "snapshot" => this with { Snapshot = false },
        "freshness" => this with { Freshness = false },
        "brake" => this with { Brake = false },
        "fallback" => this with { Fallback = false },
        "all" => new() { Tolerance = false, Snapshot = false, Freshness = false, Brake = false, Fallback = false },
        _ => null,
    };

    private IEnumerable<(string Name, bool IsOn)> Named() =>
    [
        ("tolerance", Tolerance), ("snapshot", Snapshot), ("freshness", Freshness), ("brake", Brake),
        ("fallback", Fallback),
    ];
}
