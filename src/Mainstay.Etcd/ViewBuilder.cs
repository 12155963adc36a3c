using System.Collections.Immutable;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Etcd;

/// <summary>Puts together what the cluster says of its members and what each address was last seen to be.</summary>
internal static class ViewBuilder
{
    public static ClusterView Build(EndpointSet endpoints, MemberLedger ledger, TimeProvider time)
    {
        var seen = endpoints.All
            .Select(endpoint => (endpoint.Address, endpoint.IsConfigured, endpoint.Health)).ToList();
        TimeSpan? Ago(EndpointHealth health) =>
            health.AnsweredAt == 0 ? null : time.GetElapsedTime(health.AnsweredAt);
        return new ClusterView
        {
            Members =
            [
                .. ledger.Members.Select(member =>
                {
                    var health = HealthOf(member, seen.Select(one => (one.Address, one.Health)));
                    return Member(member, health, health is null ? null : Ago(health));
                }),
            ],
            Endpoints =
            [
                .. seen.OrderBy(one => one.IsConfigured ? 0 : 1).Select(one => new EndpointView(
                    one.Address,
                    one.IsConfigured,
                    one.Health.State,
                    one.Health.MemberId,
                    Ago(one.Health),
                    one.Health.Reason)),
            ],
            CurrentEndpoint = endpoints.Current.Address,
            ChangedAt = ledger.ChangedAt,
            LastChange = ledger.LastChange,
            ListedAgo = ledger.ListedAgo,
            ListFault = ledger.Fault,
        };
    }

    /// <summary>
    /// What is known by any of its addresses: the one that answered last. One that answers as another member says
    /// nothing about this one.
    /// </summary>
    private static EndpointHealth? HealthOf(Member member, IEnumerable<(Uri Address, EndpointHealth Health)> seen)
    {
        var own = member.ClientURLs
            .Select(url => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri : null)
            .OfType<Uri>().ToHashSet();
        return seen
            .Where(one => one.Health.MemberId == member.ID || (one.Health.MemberId == 0 && own.Contains(one.Address)))
            .Select(one => one.Health)
            .OrderByDescending(health => health.AnsweredAt)
            .FirstOrDefault();
    }

    private static ClusterMember Member(Member member, EndpointHealth? health, TimeSpan? ago)
    {
        var status = health?.Status;
        var answers = health is
        {
            State: EndpointState.Answers or EndpointState.Learner or EndpointState.NoLeader, Misses: 0,
        };
        var reason = member.Name.Length == 0
            ? "it was added and has not started yet"
            : health?.Reason ?? "not asked yet";
        return new ClusterMember(
            member.ID, member.Name, [.. member.PeerURLs], [.. member.ClientURLs], member.IsLearner)
        {
            Answers = answers,
            State = health?.State ?? EndpointState.Unknown,
            IsLeader = answers && status?.Leader == member.ID,
            KnowsLeader = answers && status is { Leader: not 0 },
            Version = status?.Version ?? "",
            Revision = status?.Header?.Revision ?? 0,
            AppliedIndex = status?.RaftAppliedIndex ?? 0,
            DatabaseBytes = status?.DbSize ?? 0,
            LastAnsweredAgo = ago,
            Reason = reason,
        };
    }
}
