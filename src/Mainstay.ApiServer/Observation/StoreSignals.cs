using System.Collections.Immutable;
using System.Globalization;
using Mainstay.Etcd;
using Mainstay.Kernel.Signals;

namespace Mainstay.ApiServer.Observation;

/// <summary>
/// From facts to signals. Each has two thresholds where it could flutter: one to be raised, a lower one to be cleared.
/// </summary>
internal sealed class StoreSignals(SignalBoard board)
{
    private const string Store = "store";

    public void Judge(StoreFacts facts)
    {
        board.Set(SignalCatalog.NoQuorum, Store, NoQuorum(facts));
        board.Set(SignalCatalog.SlowStore, Store, SlowStore(facts));
        board.SetAll(SignalCatalog.StoreMemberDown, Members(facts, IsDown));
        board.SetAll(SignalCatalog.StoreMemberMute, Members(facts, member => member.IsMute));
        board.Set(SignalCatalog.StoreMemberRemoved, facts.Subject, Removed(facts));
        board.Set(SignalCatalog.MembershipChanged, Store, Changed(facts));
        board.Set(SignalCatalog.ApiCacheStale, facts.Subject, CacheStale(facts));
    }

    private static SignalReading? NoQuorum(StoreFacts facts)
    {
        if (!IsSilent(facts) || HasQuorumByItsWord(facts.View))
        {
            return null;
        }

        var view = facts.View;
        var silence = Seconds(facts.QuorumSilence ?? facts.Uptime);
        var quorum = view.Quorum == 0
            ? "its members are not known"
            : $"{view.Answering} of {Voters(view)} members answer and {view.Quorum} must agree";
        return new SignalReading($"no quorum read was answered for {silence} s: {quorum}")
        {
            Evidence =
            [
                new Evidence("silenceSeconds", silence), new Evidence("answering", Text(view.Answering)),
                new Evidence("members", Text(Voters(view))), new Evidence("quorum", Text(view.Quorum)),
                new Evidence("silent", string.Join(", ", SilentNames(view))),
            ],
        };
    }

    private SignalReading? SlowStore(StoreFacts facts)
    {
        var (slow, all, worst) = facts.Latency;
        var isUp = board.IsActive(SignalCatalog.SlowStore, Store);
        var isSlow = slow >= Limits.StoreSlowCallsToRaise || (isUp && slow > 0);
        var isStuck = IsSilent(facts) && HasQuorumByItsWord(facts.View);
        if (!isSlow && !isStuck)
        {
            return null;
        }

        var leader = facts.View.Leader?.Name ?? "unknown";
        var summary = isStuck
            ? $"the members answer and know a leader ({leader}), yet no quorum read was answered for "
                + $"{Seconds(facts.QuorumSilence ?? facts.Uptime)} s"
            : $"{slow} of {all} calls of the last {Limits.StoreLatencyWindow.TotalSeconds:0} s took longer than "
                + $"{Limits.StoreSlowCall.TotalMilliseconds:0} ms, the worst {worst.TotalMilliseconds:0} ms; "
                + $"the leader is {leader}";
        return new SignalReading(summary)
        {
            Evidence =
            [
                new Evidence("slowCalls", Text(slow)), new Evidence("calls", Text(all)),
                new Evidence("worstMilliseconds", worst.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)),
                new Evidence("leader", leader), new Evidence("endpoint", facts.View.CurrentEndpoint.Authority),
            ],
        };
    }

    private static bool IsDown(ClusterMember member) =>
        member.State is EndpointState.Refused or EndpointState.Unknown
        && (member.LastAnsweredAgo is not { } ago || ago > Limits.StoreMemberSilenceMax);

    private static Dictionary<string, SignalReading> Members(StoreFacts facts, Func<ClusterMember, bool> has)
    {
        // Just started, it has not asked everyone yet; and with no quorum the list may name members of long ago.
        if (facts.Uptime < Limits.StoreMemberSilenceMax)
        {
            return [];
        }

        return facts.View.Members.Where(has).ToDictionary(
            member => $"store/{NameOf(member)}",
            member =>
            {
                var ago = member.LastAnsweredAgo is { } known ? $"{Seconds(known)} s ago" : "never";
                return new SignalReading($"{NameOf(member)} answered last {ago}: {member.Reason}")
                {
                    Evidence =
                    [
                        new Evidence("member", member.IdText), new Evidence("clientUrls", Join(member.ClientUrls)),
                        new Evidence("lastAnswered", ago), new Evidence("reason", member.Reason),
                        new Evidence("answering", Text(facts.View.Answering)),
                        new Evidence("quorum", Text(facts.View.Quorum)),
                    ],
                };
            });
    }

    private static SignalReading? Removed(StoreFacts facts)
    {
        var view = facts.View;
        var removed = view.Endpoints
            .Where(one => one.State is EndpointState.Removed or EndpointState.Foreign).ToImmutableArray();
        if (removed.IsEmpty)
        {
            return null;
        }

        var present = string.Join(',', view.Members.SelectMany(member => member.ClientUrls.Take(1)));
        var talks = removed.Any(one => one.Address == view.CurrentEndpoint)
            ? "; calls go to it, for want of a better one"
            : "";
        var what = string.Join("; ", removed.Select(one => $"{one.Address.Authority}: {one.Reason}"));
        return new SignalReading($"--etcd-servers names what is no member: {what}{talks}")
        {
            Evidence =
            [
                new Evidence("removed", Join(removed.Select(one => one.Address.Authority))),
                new Evidence("present", present), new Evidence("endpoint", view.CurrentEndpoint.Authority),
            ],
        };
    }

    private static SignalReading? Changed(StoreFacts facts)
    {
        if (facts.View.ChangedAt is not { } at || facts.Now - at > Limits.MembershipChangeWindow)
        {
            return null;
        }

        return new SignalReading($"{facts.View.LastChange}, {Seconds(facts.Now - at)} s ago")
        {
            Evidence =
            [
                new Evidence("change", facts.View.LastChange), new Evidence("agoSeconds", Seconds(facts.Now - at)),
                new Evidence("members", Text(facts.View.Members.Length)),
            ],
        };
    }

    private SignalReading? CacheStale(StoreFacts facts)
    {
        if (facts.CacheAge is not { } age)
        {
            return null; // nothing was served yet, and /readyz says so
        }

        var isUp = board.IsActive(SignalCatalog.ApiCacheStale, facts.Subject);
        if (age <= (isUp ? Limits.CacheAgeToClear : Limits.CacheAgeMax))
        {
            return null;
        }

        var behind = facts.StoreRevision > facts.CacheRevision
            ? $"its caches stand at revision {facts.CacheRevision}, the store at {facts.StoreRevision}"
            : $"nobody could prove its caches at revision {facts.CacheRevision} current";
        return new SignalReading($"{behind}, for {Seconds(age)} s")
        {
            Evidence =
            [
                new Evidence("ageSeconds", Seconds(age)), new Evidence("cacheRevision", Text(facts.CacheRevision)),
                new Evidence("storeRevision", Text(facts.StoreRevision)),
                new Evidence("endpoint", facts.View.CurrentEndpoint.Authority),
            ],
            CausedBy = IsSilent(facts) ? [Store] : [],
        };
    }

    private static bool IsSilent(StoreFacts facts) =>
        (facts.QuorumSilence ?? facts.Uptime) > Limits.QuorumSilenceMax;

    /// <summary>Members enough answer and know a leader: what is missing then is no quorum.</summary>
    private static bool HasQuorumByItsWord(ClusterView view) =>
        view.Quorum > 0
        && view.Members.Count(member => member is { KnowsLeader: true, IsLearner: false }) >= view.Quorum;

    private static int Voters(ClusterView view) => view.Members.Count(member => !member.IsLearner);

    private static IEnumerable<string> SilentNames(ClusterView view) =>
        view.Members.Where(member => !member.Answers).Select(NameOf);

    private static string NameOf(ClusterMember member) => member.Name.Length > 0 ? member.Name : member.IdText;

    private static string Join(IEnumerable<string> words) => string.Join(", ", words);

    private static string Seconds(TimeSpan span) => span.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
