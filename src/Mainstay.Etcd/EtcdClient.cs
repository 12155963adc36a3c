using Grpc.Core;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Etcd;

/// <summary>
/// A client of etcd v3 over one or many members. Each call has a deadline. A member that refuses or is mute is left
/// for the next: a read is tried again there, a write only where it was surely not done (<see
/// cref="EtcdException.MayHaveHappened"/> tells otherwise). Thread safe; one per process is enough.
/// </summary>
public sealed class EtcdClient : IDisposable
{
    private readonly EtcdClientOptions _options;
    private readonly TimeProvider _time;
    private readonly EndpointSet _endpoints;
    private readonly EtcdCalls _calls;
    private readonly MemberFollower _follower;

    public EtcdClient(EtcdClientOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _endpoints = new EndpointSet(options, time);
        _calls = new EtcdCalls(_endpoints, options, time);
        _follower = new MemberFollower(_endpoints, options, time);
        Cluster = new EtcdCluster(_calls, _endpoints);
    }

    /// <summary>Told, by the loop of <see cref="FollowAsync"/>, when members or their versions changed.</summary>
    public event Action<MembershipChange>? MembershipChanged;

    /// <summary>The member that the next call goes to.</summary>
    public Uri CurrentEndpoint => _endpoints.Current.Address;

    public EtcdCluster Cluster { get; }

    /// <summary>
    /// Keeps to the cluster until cancelled: members that come are taken up, those that go are dropped, mute ones are
    /// left with all that waits there. Without it the client knows its configured addresses only. One at a time.
    /// </summary>
    public Task FollowAsync(CancellationToken cancellationToken) =>
        _follower.RunAsync(change => MembershipChanged?.Invoke(change), cancellationToken);

    /// <summary>One round of <see cref="FollowAsync"/>, for who needs the members once.</summary>
    public Task FollowOnceAsync(CancellationToken cancellationToken) =>
        _follower.RoundAsync(change => MembershipChanged?.Invoke(change), cancellationToken);

    /// <summary>The cluster as last seen by <see cref="FollowAsync"/>.</summary>
    public ClusterView View() => ViewBuilder.Build(_endpoints, _follower.Ledger, _time);

    public Task<RangeResponse> RangeAsync(RangeRequest request, CancellationToken cancellationToken) =>
        _calls.ReadAsync((at, options) => at.Kv.RangeAsync(request, options), cancellationToken);

    public Task<PutResponse> PutAsync(PutRequest request, CancellationToken cancellationToken) =>
        _calls.WriteAsync((at, options) => at.Kv.PutAsync(request, options), cancellationToken);

    public Task<DeleteRangeResponse> DeleteRangeAsync(
        DeleteRangeRequest request, CancellationToken cancellationToken) =>
        _calls.WriteAsync((at, options) => at.Kv.DeleteRangeAsync(request, options), cancellationToken);

    public Task<TxnResponse> TxnAsync(TxnRequest request, CancellationToken cancellationToken) =>
        _calls.WriteAsync((at, options) => at.Kv.TxnAsync(request, options), cancellationToken);

    public Task<CompactionResponse> CompactAsync(
        CompactionRequest request, CancellationToken cancellationToken) =>
        _calls.WriteAsync((at, options) => at.Kv.CompactAsync(request, options), cancellationToken);

    public Task<LeaseGrantResponse> LeaseGrantAsync(
        LeaseGrantRequest request, CancellationToken cancellationToken) =>
        _calls.WriteAsync((at, options) => at.Lease.LeaseGrantAsync(request, options), cancellationToken);

    public Task<LeaseRevokeResponse> LeaseRevokeAsync(
        LeaseRevokeRequest request, CancellationToken cancellationToken) =>
        _calls.WriteAsync((at, options) => at.Lease.LeaseRevokeAsync(request, options), cancellationToken);

    public Task<LeaseTimeToLiveResponse> LeaseTimeToLiveAsync(
        LeaseTimeToLiveRequest request, CancellationToken cancellationToken) =>
        _calls.ReadAsync((at, options) => at.Lease.LeaseTimeToLiveAsync(request, options), cancellationToken);

    public Task<LeaseLeasesResponse> LeaseLeasesAsync(CancellationToken cancellationToken) =>
        _calls.ReadAsync(
            (at, options) => at.Lease.LeaseLeasesAsync(new LeaseLeasesRequest(), options), cancellationToken);

    /// <summary>Renews a lease once. The answer's TTL is 0 where the lease is gone.</summary>
    public async Task<LeaseKeepAliveResponse> LeaseKeepAliveOnceAsync(long leaseId, CancellationToken cancellationToken)
    {
        var endpoint = _endpoints.Current;
        try
        {
            var options = _calls.OptionsFor(_options.CallTimeout, cancellationToken);
            using var call = endpoint.Connection.Lease.LeaseKeepAlive(options);
            await call.RequestStream.WriteAsync(new LeaseKeepAliveRequest { ID = leaseId }, cancellationToken);
            var answered = await call.ResponseStream.MoveNext(cancellationToken);
            return answered
                ? call.ResponseStream.Current
                : throw new RpcException(new Status(StatusCode.Unavailable, "the keep-alive stream ended"));
        }
        catch (RpcException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw _calls.Judge(endpoint, exception);
        }
    }

    /// <summary>The status of the current member, or of the next that answers.</summary>
    public Task<StatusResponse> StatusAsync(CancellationToken cancellationToken) =>
        _calls.ReadAsync(
            (at, options) => at.Maintenance.StatusAsync(new StatusRequest(), options), cancellationToken);

    /// <summary>
    /// Watches a range from <see cref="EtcdWatchOptions.StartRevision"/> on, over lost connections and lost members,
    /// with no change left out or told twice. Reading starts it.
    /// </summary>
    public EtcdWatch Watch(EtcdWatchOptions watch) => new(_endpoints, _options, watch, _time);

    public void Dispose() => _endpoints.Dispose();
}
