using System.Collections.Immutable;
using System.Globalization;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Changes;

/// <summary>One object between two looks.</summary>
/// <param name="Old">null: it was not there</param>
/// <param name="New">null: it is gone</param>
/// <param name="Now">when the new look was taken</param>
internal sealed record FactStep(string Kind, ObjectKey Key, Facts? Old, Facts? New, DateTimeOffset Now)
{
    /// <summary>The ledger was blind in between: the moment of a change is not known.</summary>
    public bool AfterBlindness { get; init; }
}

/// <param name="Changes">what to tell</param>
/// <param name="Known">what to remember of the object; null: nothing</param>
internal sealed record FactVerdict(ImmutableArray<Change> Changes, Facts? Known);

/// <summary>
/// What became different in an object, in the words of the ledger: a pure function. Telling it twice gives the same
/// keys; a value that comes back later has another key, by its revision. An old state that comes back from a server
/// that lags is recognised by its generation or revision and tells nothing.
/// </summary>
internal static class FactDiff
{
    /// <summary>Templates that a rollback is recognised by: ten rollouts back, as Kubernetes keeps them.</summary>
    private const int EarlierMax = 10;

    public static FactVerdict Of(FactStep step) => step switch
    {
        { New: null, Old: null } => new FactVerdict([], null),
        { New: null, Old: { } old } => new FactVerdict([Gone(step, old)], null),
        { New: { } fresh, Old: null } => new FactVerdict(Appeared(step, fresh), fresh),
        { New: { } fresh, Old: { } old } when old.Uid != fresh.Uid =>
            new FactVerdict([Gone(step, old), .. Appeared(step, fresh)], fresh),
        { New: { } fresh, Old: { } old } when fresh.IsBefore(old) => new FactVerdict([], old),
        { New: { } fresh, Old: { } old } => Altered(step, old, fresh),
    };

    private static FactVerdict Altered(FactStep step, Facts old, Facts fresh)
    {
        switch (step.Kind)
        {
            case "Deployment" or "DaemonSet" or "StatefulSet":
                return new FactVerdict(Told(step, fresh, Workload(old, fresh)), WithEarlier(old, fresh));
            case "Node":
                return Node(step, old, fresh);
            case "Service" when IsOther(old, fresh, FactNames.Spec):
                return One(step, fresh, new Words(
                    ChangeWords.Config, "its selector or ports changed", Written(fresh[FactNames.Spec], fresh)));
            case "ConfigMap" when old[FactNames.Data] != fresh[FactNames.Data]:
                return One(step, fresh, new Words(
                    ChangeWords.Config, "its data changed", Written(fresh[FactNames.Data], fresh)));
            case "Secret" when old[FactNames.Data] != fresh[FactNames.Data]:
                return One(step, fresh, new Words(ChangeWords.Secret, "it was written", fresh[FactNames.Data]));
            case "StoreMember" when old[FactNames.Name].Length == 0 && fresh[FactNames.Name].Length > 0:
                // etcd knows no name of one that is announced and has not started: people know it from here on.
                return One(step, fresh, new Words(ChangeWords.MemberAdded, About(step, fresh), "named"));
            case "StoreMember" or "ApiServer":
                return Version(step, old, fresh);
            default:
                return new FactVerdict([], fresh);
        }
    }

    /// <summary>What a ledger of before did not know is no change.</summary>
    private static bool IsOther(Facts old, Facts fresh, string fact) =>
        old[fact].Length > 0 && old[fact] != fresh[fact];

    private static IEnumerable<Words> Workload(Facts old, Facts fresh)
    {
        if (IsOther(old, fresh, FactNames.Template))
        {
            var isUndo = Earlier(old).Contains(fresh[FactNames.Template]);
            var images = old[FactNames.Images] == fresh[FactNames.Images]
                ? $"the same image {fresh[FactNames.Images]}, another template"
                : $"{old[FactNames.Images]} -> {fresh[FactNames.Images]}";
            yield return new Words(
                isUndo ? ChangeWords.Undo : ChangeWords.Deploy,
                isUndo ? $"back: {images}" : images,
                $"{fresh.Generation}/{fresh[FactNames.Template]}");
        }

        var (before, after) = (old[FactNames.Replicas], fresh[FactNames.Replicas]);
        if (before != after)
        {
            yield return new Words(
                after == "0" ? ChangeWords.ScaleToZero : ChangeWords.Scale,
                $"{before} -> {after} replicas",
                $"{fresh.Generation}/replicas/{after}");
        }
    }

    private static FactVerdict Node(FactStep step, Facts old, Facts fresh)
    {
        var changes = ImmutableArray.CreateBuilder<Change>();
        if (old[FactNames.Cordoned] != fresh[FactNames.Cordoned])
        {
            var isCordoned = fresh[FactNames.Cordoned] == "true";
            changes.Add(Told(step, fresh, new Words(
                isCordoned ? ChangeWords.NodeCordoned : ChangeWords.NodeUncordoned,
                isCordoned ? "no new pods go there" : "new pods may go there",
                $"cordoned/{fresh[FactNames.Cordoned]}/{Stamp(step.Now)}")));
        }

        var (ready, since) = (fresh[FactNames.Ready], fresh[FactNames.ReadySince]);
        if (old[FactNames.Ready] != ready)
        {
            var change = Told(step, fresh, new Words(
                ready == "True" ? ChangeWords.NodeReady : ChangeWords.NodeNotReady,
                $"Ready: {Word(old[FactNames.Ready])} -> {Word(ready)}",
                $"ready/{ready}/{(since.Length > 0 ? since : Stamp(step.Now))}"));
            changes.Add(change with { At = Sane(since, step.Now) });
        }

        var (before, after) = (old[FactNames.Version], fresh[FactNames.Version]);
        if (before != after && before.Length > 0)
        {
            changes.Add(Told(step, fresh, new Words(
                ChangeWords.Version, $"agent {before} -> {after}", Upgraded(before, after, step.Now))));
        }

        return new FactVerdict(changes.ToImmutable(), fresh);
    }

    /// <summary>A member that does not answer tells no version: what was known stays known.</summary>
    private static FactVerdict Version(FactStep step, Facts old, Facts fresh)
    {
        var (before, after) = (old[FactNames.Version], fresh[FactNames.Version]);
        if (after.Length == 0)
        {
            return new FactVerdict([], fresh with { Values = fresh.Values.SetItem(FactNames.Version, before) });
        }

        return before.Length == 0 || before == after
            ? new FactVerdict([], fresh)
            : One(step, fresh, new Words(
                ChangeWords.Version, $"{before} -> {after}", Upgraded(before, after, step.Now)));
    }

    private static Change Gone(FactStep step, Facts old)
    {
        var what = step.Kind switch
        {
            "Node" => ChangeWords.NodeRemoved,
            "StoreMember" => ChangeWords.MemberRemoved,
            _ => ChangeWords.Delete,
        };
        return Told(step, old, new Words(what, About(step, old), "gone"));
    }

    private static ImmutableArray<Change> Appeared(FactStep step, Facts fresh)
    {
        var what = step.Kind switch
        {
            "Node" => ChangeWords.NodeAdded,
            "StoreMember" => ChangeWords.MemberAdded,
            _ => ChangeWords.Create,
        };
        var at = fresh.CreatedAt is { } created && created <= step.Now ? created : step.Now;
        return [Told(step, fresh, new Words(what, About(step, fresh), "created")) with { At = at }];
    }

    private static string About(FactStep step, Facts facts) => step.Kind switch
    {
        "StoreMember" => $"{facts[FactNames.Name]} {facts[FactNames.Address]} {facts[FactNames.Version]}".Trim(),
        "ApiServer" => facts[FactNames.Version],
        _ => facts[FactNames.Images],
    };

    private static FactVerdict One(FactStep step, Facts fresh, Words words) =>
        new([Told(step, fresh, words)], fresh);

    private static ImmutableArray<Change> Told(FactStep step, Facts facts, IEnumerable<Words> all) =>
        [.. all.Select(words => Told(step, facts, words))];

    private static Change Told(FactStep step, Facts facts, Words words)
    {
        // A member's key is its number; people know it by its name.
        var name = facts[FactNames.Name] is { Length: > 0 } known ? known : step.Key.Name;
        var blind = step.AfterBlindness ? " (seen afterwards: nobody looked when it happened)" : "";
        return new Change
        {
            At = step.Now,
            Source = step.Kind switch { "StoreMember" => "store", "ApiServer" => "api", _ => "kubernetes" },
            Kind = step.Kind,
            Namespace = step.Key.Namespace,
            Name = name,
            What = words.What,
            Detail = words.Detail + blind,
            Key = $"{step.Kind}/{step.Key}/{facts.Uid}/{words.Key}",
        };
    }

    private static Facts WithEarlier(Facts old, Facts fresh)
    {
        IEnumerable<string> earlier = old[FactNames.Template] == fresh[FactNames.Template]
            ? Earlier(old)
            : [old[FactNames.Template], .. Earlier(old)];
        var kept = earlier.Where(hash => hash != fresh[FactNames.Template]).Distinct().Take(EarlierMax);
        return fresh with { Values = fresh.Values.SetItem(FactNames.Earlier, string.Join(',', kept)) };
    }

    private static string[] Earlier(Facts facts) =>
        facts[FactNames.Earlier].Split(',', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The same value, written again after another, is another change.</summary>
    private static string Written(string hash, Facts fresh) => $"{hash}/{fresh.Revision}";

    /// <summary>By the hour: told again after a crash it is the same, and next week it is another.</summary>
    private static string Upgraded(string before, string after, DateTimeOffset now) =>
        $"version/{before}/{after}/{now.ToUnixTimeSeconds() / 3600}";

    private static string Word(string ready) => ready.Length > 0 ? ready : "nothing";

    private static string Stamp(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>The node's clock is believed within a day, and never into the future.</summary>
    private static DateTimeOffset Sane(string told, DateTimeOffset now) =>
        DateTimeOffset.TryParse(told, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
        && at <= now && now - at < TimeSpan.FromDays(1) ? at : now;

    private sealed record Words(string What, string Detail, string Key);
}
