using Mainstay.Etcd.Protocol;

namespace Mainstay.Etcd;

/// <summary>What one address was last seen to be.</summary>
public enum EndpointState
{
    /// <summary>Not asked yet: used where nothing better is known.</summary>
    Unknown,

    /// <summary>A member of the cluster answers there and knows a leader.</summary>
    Answers,

    /// <summary>A learner answers there: it serves no quorum read.</summary>
    Learner,

    /// <summary>A member answers there that knows no leader: it is cut off, or there is no quorum.</summary>
    NoLeader,

    /// <summary>Nobody listens there, or the address cannot be dialled.</summary>
    Refused,

    /// <summary>Connections are taken and nothing is answered.</summary>
    Mute,

    /// <summary>It is the address of no member, or of one that was removed.</summary>
    Removed,

    /// <summary>A member of another cluster answers there.</summary>
    Foreign,
}

/// <param name="State">what it was last seen to be</param>
/// <param name="Reason">the evidence, in words; empty when all is well</param>
/// <param name="Misses">probes in a row without an answer in time</param>
/// <param name="AnsweredAt">timestamp of the last answer; 0 for none</param>
/// <param name="Status">the last answer</param>
internal sealed record EndpointHealth(
    EndpointState State, string Reason, int Misses, long AnsweredAt, StatusResponse? Status)
{
    public static readonly EndpointHealth New = new(EndpointState.Unknown, "not asked yet", 0, 0, null);

    /// <summary>The id of the member that last answered here; 0 for none.</summary>
    public ulong MemberId => Status?.Header?.MemberId ?? 0;
}

/// <summary>
/// One address of the store: configured, or advertised by a member, or both. Its connection is made anew when the one
/// before it went mute. Thread safe.
/// </summary>
internal sealed class Endpoint(Uri address, bool isConfigured, EtcdClientOptions options) : IDisposable
{
    private Connection _connection = new(address, options);
    private EndpointHealth _health = EndpointHealth.New;
    private long _failedAt;

    public Uri Address { get; } = address;

    /// <summary>It stands in the configuration: kept for ever, as the way back into the cluster.</summary>
    public bool IsConfigured { get; } = isConfigured;

    public Connection Connection => Volatile.Read(ref _connection);

    public EndpointHealth Health
    {
        get => Volatile.Read(ref _health);
        set => Volatile.Write(ref _health, value);
    }

    /// <summary>Timestamp of the last call that failed by this member; 0 for none.</summary>
    public long FailedAt
    {
        get => Volatile.Read(ref _failedAt);
        set => Volatile.Write(ref _failedAt, value);
    }

    /// <summary>
    /// Where it stands in the choice of a member, the lowest first. A missed probe puts a member behind those that
    /// missed none, long before it counts as mute.
    /// </summary>
    public int Rank => Health switch
    {
        { State: EndpointState.Answers, Misses: 0 } => 0,
        { State: EndpointState.Unknown } => 1,
        { State: EndpointState.Answers } => 2,
        { State: EndpointState.NoLeader } => 3,
        { State: EndpointState.Learner } => 4,
        { State: EndpointState.Refused } => 5,
        { State: EndpointState.Mute } => 6,
        _ => 7,
    };

    /// <summary>Something answers there, be it only that it has no leader.</summary>
    public bool Serves => Rank is 0 or 3 or 4;

    /// <summary>
    /// Gives the connection up with all calls on it: a half-open one would be used again by each next call.
    /// </summary>
    public void Renew(string why)
    {
        var old = Interlocked.Exchange(ref _connection, new Connection(Address, options));
        old.Leave(why);
    }

    public void Dispose() => Connection.Dispose();
}
