using System.Collections.Immutable;
using Mainstay.Kernel;

namespace Mainstay.Drills;

/// <summary>
/// What stands between a fault and the customers; each can be switched off by name, for drills only. Those of routers
/// and controllers are switched off by <c>mainstay up --without</c>; without <c>guard</c> the drill restarts by force
/// what a guarded action would refuse.
/// </summary>
internal static class Protections
{
    public const string Guard = "guard";

    /// <summary>The word that stands for every one of them.</summary>
    public const string All = "all";

    public static readonly ImmutableArray<(string Name, string Meaning)> Known =
    [
        ("tolerance", "null, absent and empty mean the same; one senseless object is kept out alone"),
        ("snapshot", "a router starts from the table on its disk where it cannot list"),
        ("freshness", "a heartbeat proves that the watch is alive; a stale API server is left for another"),
        ("brake", "endpoints that vanish all at once stay in use while they answer"),
        ("fallback", "a backup process answers where a service has failed"),
        ("gate", "a pod is ready only once the routers have it; old pods stay until then"),
        (Guard, "restarts are planned, proven on one, and refused where a replacement could not start"),
    ];

    /// <param name="words">names, or <c>all</c></param>
    /// <returns>in the order of <see cref="Known"/>, each once</returns>
    /// <exception cref="StartException">there is no such protection</exception>
    public static ImmutableArray<string> Parse(IEnumerable<string> words)
    {
        var named = words.Select(word => word.Trim()).Where(word => word.Length > 0).ToHashSet(StringComparer.Ordinal);
        var names = Known.Select(protection => protection.Name).ToList();
        var unknown = named.Where(name => name != All && !names.Contains(name)).ToList();
        if (unknown.Count > 0)
        {
            throw new StartException(
                $"--without: there is no protection '{string.Join("', '", unknown)}'",
                $"there are {string.Join(", ", names)}, and {All}", ExitCodes.Usage);
        }

        return [.. names.Where(name => named.Contains(All) || named.Contains(name))];
    }

    public static bool IsAll(ImmutableArray<string> without) => without.Length == Known.Length;
}
