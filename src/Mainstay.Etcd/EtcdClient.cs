using Grpc.Core;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Etcd;

/// <summary>
/// A client of etcd v3 over one or many members. Each call has a deadline. A member that refuses or is mute is left
/// for the next: a read is tried again there, a write only where it surely never went out (<see
/// cref="EtcdException.MayHaveHappened"/> tells otherwise). Thread safe; one per process is enough.
/// </summary>
public sealed class EtcdClient : IDisposable
{
    private readonly EtcdClientOptions _options;
    private readonly TimeProvider _time;
    private readonly EndpointSet _endpoints;

    public EtcdClient(EtcdClientOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _endpoints = new EndpointSet(options);
    }

    /// <summary>The member that the next call goes to.</summary>
    public Uri CurrentEndpoint => _endpoints.Current.Address;

    public Task<RangeResponse> RangeAsync(RangeRequest request, CancellationToken cancellationToken) =>
        CallAsync(CallKind.Read, (at, options) => at.Kv.RangeAsync(request, options), cancellationToken);

    public Task<PutResponse> PutAsync(PutRequest request, CancellationToken cancellationToken) =>
        CallAsync(CallKind.Write, (at, options) => at.Kv.PutAsync(request, options), cancellationToken);

    public Task<DeleteRangeResponse> DeleteRangeAsync(
        DeleteRangeRequest request, CancellationToken cancellationToken) =>
        CallAsync(CallKind.Write, (at, options) => at.Kv.DeleteRangeAsync(request, options), cancellationToken);

    public Task<TxnResponse> TxnAsync(TxnRequest request, CancellationToken cancellationToken) =>
        CallAsync(CallKind.Write, (at, options) => at.Kv.TxnAsync(request, options), cancellationToken);

    public Task<CompactionResponse> CompactAsync(
        CompactionRequest request, CancellationToken cancellationToken) =>
        CallAsync(CallKind.Write, (at, options) => at.Kv.CompactAsync(request, options), cancellationToken);

    public Task<LeaseGrantResponse> LeaseGrantAsync(
        LeaseGrantRequest request, CancellationToken cancellationToken) =>
        CallAsync(CallKind.Write, (at, options) => at.Lease.LeaseGrantAsync(request, options), cancellationToken);

    public Task<LeaseRevokeResponse> LeaseRevokeAsync(
        LeaseRevokeRequest request, CancellationToken cancellationToken) =>
        CallAsync(CallKind.Write, (at, options) => at.Lease.LeaseRevokeAsync(request, options), cancellationToken);

    public Task<LeaseTimeToLiveResponse> LeaseTimeToLiveAsync(
        LeaseTimeToLiveRequest request, CancellationToken cancellationToken) =>
        CallAsync(CallKind.Read, (at, options) => at.Lease.LeaseTimeToLiveAsync(request, options), cancellationToken);

    public Task<LeaseLeasesResponse> LeaseLeasesAsync(CancellationToken cancellationToken) =>
        CallAsync(
            CallKind.Read,
            (at, options) => at.Lease.LeaseLeasesAsync(new LeaseLeasesRequest(), options),
            cancellationToken);

    /// <summary>Renews a lease once. The answer's TTL is 0 where the lease is gone.</summary>
    public async Task<LeaseKeepAliveResponse> LeaseKeepAliveOnceAsync(long leaseId, CancellationToken cancellationToken)
    {
        var endpoint = _endpoints.Current;
        try
        {
            using var call = endpoint.Lease.LeaseKeepAlive(OptionsFor(_options.CallTimeout, cancellationToken));
            await call.RequestStream.WriteAsync(new LeaseKeepAliveRequest { ID = leaseId }, cancellationToken);
            var answered = await call.ResponseStream.MoveNext(cancellationToken);
            return answered
                ? call.ResponseStream.Current
                : throw new RpcException(new Status(StatusCode.Unavailable, "the keep-alive stream ended"));
        }
        catch (RpcException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Judge(endpoint, exception);
        }
    }

    public Task<MemberListResponse> MemberListAsync(CancellationToken cancellationToken) =>
        CallAsync(
            CallKind.Read,
            (at, options) => at.Cluster.MemberListAsync(new MemberListRequest { Linearizable = true }, options),
            cancellationToken);

    /// <summary>The status of the current member, or of the next that answers.</summary>
    public Task<StatusResponse> StatusAsync(CancellationToken cancellationToken) =>
        CallAsync(
            CallKind.Read,
            (at, options) => at.Maintenance.StatusAsync(new StatusRequest(), options),
            cancellationToken);

    /// <summary>The status of this one member, with no other tried.</summary>
    public async Task<StatusResponse> StatusOfAsync(Uri endpoint, CancellationToken cancellationToken)
    {
        var member = _endpoints.All.FirstOrDefault(one => one.Address == endpoint)
            ?? throw new ArgumentException($"{endpoint} is not one of this client's endpoints", nameof(endpoint));
        try
        {
            return await member.Maintenance.StatusAsync(
                new StatusRequest(), OptionsFor(_options.CallTimeout, cancellationToken));
        }
        catch (RpcException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new EtcdException(endpoint, exception, mayHaveHappened: false);
        }
    }

    /// <summary>
    /// Watches a range from <see cref="EtcdWatchOptions.StartRevision"/> on, over lost connections and lost members,
    /// with no change left out or told twice. Reading starts it.
    /// </summary>
    public EtcdWatch Watch(EtcdWatchOptions watch) => new(_endpoints, _options, watch, _time);

    public void Dispose() => _endpoints.Dispose();

    private async Task<TResponse> CallAsync<TResponse>(
        CallKind kind,
        Func<Endpoint, CallOptions, AsyncUnaryCall<TResponse>> call,
        CancellationToken cancellationToken)
    {
        var ends = _time.GetUtcNow() + _options.CallTimeout;
        for (var attempt = 1; ; attempt++)
        {
            var endpoint = _endpoints.Current;
            var left = ends - _time.GetUtcNow();
            var mayTryNext = attempt < _endpoints.Count;
            var timeout = kind == CallKind.Read && mayTryNext && left > _options.ReadTryTimeout
                ? _options.ReadTryTimeout
                : left;
            try
            {
                using var running = call(endpoint, OptionsFor(timeout, cancellationToken));
                return await running.ResponseAsync;
            }
            catch (RpcException exception)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var judged = Judge(endpoint, exception);
                var mayRepeat = kind == CallKind.Read
                    ? CallFault.IsOfMember(exception.StatusCode)
                    : CallFault.IsNeverSent(exception);
                if (!mayTryNext || !mayRepeat || _time.GetUtcNow() >= ends)
                {
                    throw judged;
                }
            }
        }
    }

    private EtcdException Judge(Endpoint endpoint, RpcException exception)
    {
        var ofMember = CallFault.IsOfMember(exception.StatusCode);
        if (ofMember)
        {
            _endpoints.Leave(endpoint);
        }

        return new EtcdException(endpoint.Address, exception, ofMember && !CallFault.IsNeverSent(exception));
    }

    private CallOptions OptionsFor(TimeSpan timeout, CancellationToken cancellationToken) =>
        new(deadline: (_time.GetUtcNow() + timeout).UtcDateTime, cancellationToken: cancellationToken);

    private enum CallKind
    {
        Read,
        Write,
    }
}
