using System.Collections.Immutable;
using System.Globalization;

namespace Mainstay.ConsoleSite.Changes;

/// <summary>Changes of one kind that were made together, held against a symptom.</summary>
/// <param name="Newest">the newest of them</param>
/// <param name="Count">how many there were, within an hour of each other</param>
/// <param name="Score">0 to 1: how likely it has to do with the symptom</param>
/// <param name="Why">what the score rests on, in words</param>
internal sealed record RankedChange(Change Newest, int Count, double Score, string Why);

/// <summary>
/// Which changes are worth looking at first: overlap with the layers of the symptom, times novelty, times recency. What
/// is old fades, except where it touches the broken layer itself: a cluster that was grown two weeks ago is the first
/// suspect of a stale watch today, the tenth deploy of this week is not. A pure function.
/// </summary>
internal static class ChangeRanking
{
    /// <summary>After this time a change has half its weight.</summary>
    private static readonly TimeSpan HalfLife = TimeSpan.FromHours(6);

    /// <summary>Changes of one kind within this time of each other were made together.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromHours(1);

    /// <summary>From this overlap on a change does not fade below <see cref="RecencyFloor"/>.</summary>
    private const double NotForgottenFrom = 0.8;

    private const double RecencyFloor = 0.6;

    /// <summary>What is left of a deploy that was undone, while the symptom stayed.</summary>
    private const double UndoneShare = 0.05;

    public static ImmutableArray<RankedChange> Rank(
        ImmutableArray<Change> changes, Symptom symptom, DateTimeOffset now)
    {
        var undone = Undone(changes, symptom);
        var overlap = undone.IsEmpty ? symptom.Overlap : Symptom.AfterRollback;
        var groups = Groups(changes);
        return
        [
            .. groups
                .Select(group =>
                {
                    var newest = group[0];
                    var share = IsNothing(newest) ? 0
                        : undone.Contains(newest.Key) ? UndoneShare
                        : symptom.IsAbout(newest) ? 1
                        : overlap[LayerOf(newest)];
                    var alike = groups.Count(other => IsAlike(other[0], newest));
                    var novelty = 1 / (1 + Math.Log2(alike));
                    var age = now - newest.At;
                    var faded = Math.Pow(0.5, Math.Max(0, age / HalfLife));
                    var recency = share >= NotForgottenFrom ? Math.Max(faded, RecencyFloor) : faded;
                    var why = Why(newest, symptom, undone, alike);
                    return new RankedChange(newest, group.Length, share * novelty * recency, why);
                })
                .OrderByDescending(ranked => ranked.Score)
                .ThenByDescending(ranked => ranked.Newest.At)
                .ThenBy(ranked => ranked.Newest.Key, StringComparer.Ordinal),
        ];
    }

    internal static Layer LayerOf(Change change) => (change.Source, change.Kind, change.What) switch
    {
        ("store", _, _) => Layer.Store,
        ("api", _, _) => Layer.ApiServer,
        ("action", _, _) => LayerOfAction(change.Detail),

        // A service that nobody stands behind, or that is gone, is what parsers of discovery trip over.
        (_, _, ChangeWords.ScaleToZero) => Layer.Discovery,
        (_, "Service", _) => Layer.Discovery,
        (_, "Node", _) => Layer.Nodes,
        (_, _, _) when change.Namespace == "kube-system" => Layer.ApiServer,
        _ => Layer.Service,
    };

    /// <summary>By its verb, with which the line begins: what it is done to may bear any name.</summary>
    private static Layer LayerOfAction(string line)
    {
        bool Is(string verb) => line.StartsWith(verb + ' ', StringComparison.Ordinal);
        return Is("store members") ? Layer.Store
            : Is("restart api") ? Layer.ApiServer
            : Is("restart routers") || Is("fallback") ? Layer.Discovery
            : Layer.Nodes;
    }

    /// <summary>The last rollout of the service that fails, if it was undone: both halves of it.</summary>
    private static ImmutableHashSet<string> Undone(ImmutableArray<Change> changes, Symptom symptom)
    {
        var rollouts = changes
            .Where(change => change.What is ChangeWords.Deploy or ChangeWords.Undo && symptom.IsAbout(change))
            .OrderByDescending(change => change.At)
            .Take(2)
            .ToList();
        return rollouts is [{ What: ChangeWords.Undo }, ..] ? [.. rollouts.Select(change => change.Key)] : [];
    }

    private static List<ImmutableArray<Change>> Groups(ImmutableArray<Change> changes)
    {
        var groups = new List<ImmutableArray<Change>>();
        var kinds = changes.OrderByDescending(change => change.At).ToLookup(change =>
            LayerOf(change) is Layer.Store or Layer.ApiServer or Layer.Nodes
                ? (change.Kind, change.What, Namespace: "", Name: "")
                : (change.Kind, change.What, change.Namespace, change.Name));
        foreach (var kind in kinds)
        {
            var group = ImmutableArray.CreateBuilder<Change>();
            foreach (var change in kind)
            {
                if (group.Count > 0 && group[^1].At - change.At > Together)
                {
                    groups.Add(group.ToImmutable());
                    group.Clear();
                }

                group.Add(change);
            }

            groups.Add(group.ToImmutable());
        }

        return groups;
    }

    /// <summary>An action that was refused changed nothing.</summary>
    private static bool IsNothing(Change change) =>
        change.What == ChangeWords.Action && change.Key.EndsWith("/refused", StringComparison.Ordinal);

    private static bool IsAlike(Change one, Change other) => one.Kind == other.Kind && one.What == other.What;

    private static string Why(Change change, Symptom symptom, ImmutableHashSet<string> undone, int alike)
    {
        var touches = undone.Contains(change.Key) ? "was undone, and the symptom is still looked into"
            : symptom.IsAbout(change) ? $"is of {symptom.Name} itself"
            : LayerOf(change) switch
            {
                Layer.Store => "touches the store, under everything",
                Layer.ApiServer => "touches the API servers, which every router reads",
                Layer.Discovery => "touches what routers read",
                Layer.Nodes => "touches nodes, routers or agents",
                _ => "is of another service",
            };
        var novelty = alike == 1
            ? "the only one of its kind here"
            : string.Create(CultureInfo.InvariantCulture, $"one of {alike} of its kind here");
        return $"{touches}; {novelty}";
    }
}
