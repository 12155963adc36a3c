using Grpc.Core;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Etcd;

/// <summary>
/// The calls about members. Those that change something are writes: <see cref="EtcdException.MayHaveHappened"/> tells
/// whether to list the members before trying again. Thread safe.
/// </summary>
public sealed class EtcdCluster
{
    private readonly EtcdCalls _calls;
    private readonly EndpointSet _endpoints;

    internal EtcdCluster(EtcdCalls calls, EndpointSet endpoints)
    {
        _calls = calls;
        _endpoints = endpoints;
    }

    /// <summary>
    /// The members as the member asked knows them; from 3.5 on as a quorum does.
    /// <see cref="EtcdClient.View"/> holds a list that is proven on every version.
    /// </summary>
    public Task<MemberListResponse> ListAsync(CancellationToken cancellationToken) => _calls.ReadAsync(
        (at, options) => at.Cluster.MemberListAsync(new MemberListRequest { Linearizable = true }, options),
        cancellationToken);

    /// <summary>Adds a member that will speak to the others at the peer address; it has no vote as a learner.</summary>
    public Task<MemberAddResponse> AddAsync(Uri peer, bool asLearner, CancellationToken cancellationToken)
    {
        var request = new MemberAddRequest { PeerURLs = { Text(peer) }, IsLearner = asLearner };
        return _calls.WriteAsync((at, options) => at.Cluster.MemberAddAsync(request, options), cancellationToken);
    }

    public Task<MemberRemoveResponse> RemoveAsync(ulong memberId, CancellationToken cancellationToken) =>
        _calls.WriteAsync(
            (at, options) => at.Cluster.MemberRemoveAsync(new MemberRemoveRequest { ID = memberId }, options),
            cancellationToken);

    /// <summary>Gives a learner its vote; <see cref="EtcdErrors.LearnerNotReady"/> while it lags.</summary>
    public Task<MemberPromoteResponse> PromoteAsync(ulong memberId, CancellationToken cancellationToken) =>
        _calls.WriteAsync(
            (at, options) => at.Cluster.MemberPromoteAsync(new MemberPromoteRequest { ID = memberId }, options),
            cancellationToken);

    /// <summary>Tells the cluster where a member's peers find it.</summary>
    public Task<MemberUpdateResponse> UpdateAsync(ulong memberId, Uri peer, CancellationToken cancellationToken)
    {
        var request = new MemberUpdateRequest { ID = memberId, PeerURLs = { Text(peer) } };
        return _calls.WriteAsync((at, options) => at.Cluster.MemberUpdateAsync(request, options), cancellationToken);
    }

    /// <summary>The status of this one address, with no other tried. It need not be one of the client's.</summary>
    public async Task<StatusResponse> StatusOfAsync(Uri address, CancellationToken cancellationToken)
    {
        if (_endpoints.Find(address) is { } known)
        {
            return await _calls.AtAsync(
                known,
                (at, options) => at.Maintenance.StatusAsync(new StatusRequest(), options.WithHeaders([])),
                cancellationToken);
        }

        using var stranger = _calls.Dial(address);
        return await _calls.AtAsync(
            stranger,
            (at, options) => at.Maintenance.StatusAsync(new StatusRequest(), options.WithHeaders([])),
            cancellationToken);
    }

    /// <summary>
    /// Hands the lead to another member; asked of the leader, the only one that can. A no-op where that member leads.
    /// </summary>
    /// <param name="leader">a client address of the present leader</param>
    public async Task MoveLeaderAsync(Uri leader, ulong toMemberId, CancellationToken cancellationToken)
    {
        using var dialled = _calls.Dial(leader);
        await _calls.AtAsync(
            dialled,
            (at, options) => at.Maintenance.MoveLeaderAsync(new MoveLeaderRequest { TargetID = toMemberId }, options),
            cancellationToken);
    }

    /// <summary>Every alarm that stands: out of space, corrupt.</summary>
    public Task<AlarmResponse> AlarmsAsync(CancellationToken cancellationToken) => _calls.ReadAsync(
        (at, options) => at.Maintenance.AlarmAsync(
            new AlarmRequest { Action = AlarmRequest.Types.AlarmAction.Get }, options),
        cancellationToken);

    private static string Text(Uri address) => address.AbsoluteUri.TrimEnd('/');
}
