using System.Collections.Immutable;

namespace Mainstay.Etcd;

/// <summary>The cluster as one client sees it now. Immutable; an absent member list is empty, never a guess.</summary>
public sealed record ClusterView
{
    /// <summary>Every member, in the order of their names; empty until the first list was read.</summary>
    public required ImmutableArray<ClusterMember> Members { get; init; }

    /// <summary>Every address in use, those of the configuration first.</summary>
    public required ImmutableArray<EndpointView> Endpoints { get; init; }

    /// <summary>Where the next call goes.</summary>
    public required Uri CurrentEndpoint { get; init; }

    /// <summary>When the members or their versions last changed under this client; null while they never did.</summary>
    public required DateTimeOffset? ChangedAt { get; init; }

    /// <summary>What changed then, in words; empty while nothing did.</summary>
    public required string LastChange { get; init; }

    /// <summary>Time since the members were last listed; null before the first list.</summary>
    public required TimeSpan? ListedAgo { get; init; }

    /// <summary>Why the last list failed; empty when it did not.</summary>
    public required string ListFault { get; init; }

    /// <summary>Voting members that must agree; 0 until the first list was read.</summary>
    public int Quorum => Members.IsEmpty ? 0 : (Members.Count(member => !member.IsLearner) / 2) + 1;

    /// <summary>Voting members that answer.</summary>
    public int Answering => Members.Count(member => member is { Answers: true, IsLearner: false });

    public ClusterMember? Leader => Members.FirstOrDefault(member => member.IsLeader);
}

/// <summary>One member: what the cluster says of it, and what it says itself.</summary>
/// <param name="Id">etcd's id; <see cref="IdText"/> writes it as etcdctl does</param>
/// <param name="Name">empty for one that was added and has not started yet</param>
public sealed record ClusterMember(
    ulong Id, string Name, ImmutableArray<string> PeerUrls, ImmutableArray<string> ClientUrls, bool IsLearner)
{
    public string IdText => Id.ToString("x", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>It answered the last probe in time.</summary>
    public bool Answers { get; init; }

    /// <summary>What its address was last seen to be; <see cref="EndpointState.Unknown"/> before that.</summary>
    public EndpointState State { get; init; }

    /// <summary>It takes connections and answers nothing.</summary>
    public bool IsMute => State == EndpointState.Mute;

    public bool IsLeader { get; init; }

    /// <summary>It says itself that it follows a leader or is one.</summary>
    public bool KnowsLeader { get; init; }

    /// <summary>As it told last; empty when it never did.</summary>
    public string Version { get; init; } = "";

    public long Revision { get; init; }

    /// <summary>The last entry of the log that it has applied, for how far one lags behind the others.</summary>
    public ulong AppliedIndex { get; init; }

    public long DatabaseBytes { get; init; }

    public TimeSpan? LastAnsweredAgo { get; init; }

    /// <summary>Why it does not answer, or what it complains of; empty when all is well.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>One address and what was last seen there.</summary>
/// <param name="MemberId">the member that last answered there; 0 for none</param>
public sealed record EndpointView(
    Uri Address, bool IsConfigured, EndpointState State, ulong MemberId, TimeSpan? LastAnsweredAgo, string Reason);

/// <summary>Members came, went or changed, as the client saw it.</summary>
/// <param name="At">when it was seen</param>
/// <param name="What">in words: <c>added etcd-3, etcd-4; etcd-0 is now 3.4.24</c></param>
public sealed record MembershipChange(DateTimeOffset At, string What);
