using System.Security.Cryptography;
using Grpc.Core;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Store.Service;

/// <summary>Leases: granted and ended through the log, renewed in memory.</summary>
internal sealed class LeaseService(
    StoreEngine engine, CommitLoop commits, LeaseKeeper keeper, ResponseHeaders headers)
    : Etcd.Protocol.Lease.LeaseBase
{
    public override async Task<LeaseGrantResponse> LeaseGrant(LeaseGrantRequest request, ServerCallContext context)
    {
        Rpc.ThrowIf(request.TTL > Limits.LeaseTtlSecondsMax ? EtcdErrors.LeaseTtlTooLarge : null);
        var id = request.ID != 0 ? request.ID : NewId();
        var ttlSeconds = Math.Max(request.TTL, Limits.LeaseTtlSecondsMin);
        var outcome = await Rpc.WriteAsync(commits, new StoreWrite.GrantLease(id, ttlSeconds));
        keeper.Start(id, ttlSeconds);
        return new LeaseGrantResponse { Header = headers.At(outcome.Revision), ID = id, TTL = ttlSeconds };
    }

    public override async Task<LeaseRevokeResponse> LeaseRevoke(LeaseRevokeRequest request, ServerCallContext context)
    {
        var outcome = await Rpc.WriteAsync(commits, new StoreWrite.EndLease(request.ID));
        keeper.Stop(request.ID);
        return new LeaseRevokeResponse { Header = headers.At(outcome.Revision) };
    }

    public override async Task LeaseKeepAlive(
        IAsyncStreamReader<LeaseKeepAliveRequest> requests,
        IServerStreamWriter<LeaseKeepAliveResponse> responses,
        ServerCallContext context)
    {
        await foreach (var request in requests.ReadAllAsync(context.CancellationToken))
        {
            // A lease that is gone is answered with no time left; that is no error here.
            var response = new LeaseKeepAliveResponse
            {
                Header = headers.At(engine.View.Revision),
                ID = request.ID,
                TTL = keeper.Renew(request.ID) ?? 0,
            };
            await responses.WriteAsync(response, context.CancellationToken);
        }
    }

    public override Task<LeaseTimeToLiveResponse> LeaseTimeToLive(
        LeaseTimeToLiveRequest request, ServerCallContext context)
    {
        var view = engine.View;
        var lease = view.Leases.Find(request.ID);
        var response = new LeaseTimeToLiveResponse
        {
            Header = headers.At(view.Revision),
            ID = request.ID,
            TTL = lease is null ? -1 : keeper.RemainingSeconds(request.ID) ?? 0,
            GrantedTTL = lease?.TtlSeconds ?? 0,
        };
        if (request.Keys && lease is not null)
        {
            response.Keys.AddRange(lease.Keys);
        }

        return Task.FromResult(response);
    }

    public override Task<LeaseLeasesResponse> LeaseLeases(LeaseLeasesRequest request, ServerCallContext context)
    {
        var view = engine.View;
        var response = new LeaseLeasesResponse { Header = headers.At(view.Revision) };
        response.Leases.AddRange(view.Leases.ById.Keys.Order().Select(id => new LeaseStatus { ID = id }));
        return Task.FromResult(response);
    }

    private static long NewId()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return (BitConverter.ToInt64(bytes) & long.MaxValue) | 1;
    }
}
