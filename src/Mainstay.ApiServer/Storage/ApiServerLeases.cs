using System.Collections.Immutable;
using System.Net;
using Google.Protobuf;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;

namespace Mainstay.ApiServer.Storage;

/// <summary>
/// Which API servers there are: each keeps a key with its address, by a lease of the store that ends when nobody renews
/// it, as kube-apiserver's lease endpoint reconciler has it.
/// <code>
///     10:00:00  A renews          {A, B}
///     10:00:03  B is killed       {A, B}
///     10:00:18  B's lease ends    {A}
/// </code>
/// For one caller at a time.
/// </summary>
internal sealed class ApiServerLeases(EtcdClient client, IPEndPoint own)
{
    private long _leaseId;

    /// <summary>Says that this server lives.</summary>
    /// <returns>every server that says so, this one among them, by address and port</returns>
    /// <exception cref="Http.RefusedException">the store does not answer</exception>
    public async Task<ImmutableArray<IPEndPoint>> RenewAsync(CancellationToken cancellationToken)
    {
        if (_leaseId == 0 || !await IsRenewedAsync(cancellationToken))
        {
            await BeginAsync(cancellationToken);
        }

        var alive = await ListAsync(cancellationToken);
        if (!alive.Contains(own))
        {
            // The lease lives and the key is gone: somebody deleted it, or the store was put back.
            await BeginAsync(cancellationToken);
            alive = await ListAsync(cancellationToken);
        }

        return alive;
    }

    /// <summary>This server goes: its key goes at once, and not when the lease ends.</summary>
    /// <returns>those that stay</returns>
    public async Task<ImmutableArray<IPEndPoint>> LeaveAsync(CancellationToken cancellationToken)
    {
        if (_leaseId != 0)
        {
            await StoreCall.WriteAsync(
                () => client.LeaseRevokeAsync(new LeaseRevokeRequest { ID = _leaseId }, cancellationToken));
            _leaseId = 0;
        }

        return await ListAsync(cancellationToken);
    }

    private async Task<bool> IsRenewedAsync(CancellationToken cancellationToken)
    {
        var renewed = await StoreCall.WriteAsync(
            () => client.LeaseKeepAliveOnceAsync(_leaseId, cancellationToken));
        return renewed.TTL > 0;
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        _leaseId = 0;
        var ttlSeconds = (long)Limits.ApiServerLease.TotalSeconds;
        var granted = await StoreCall.WriteAsync(
            () => client.LeaseGrantAsync(new LeaseGrantRequest { TTL = ttlSeconds }, cancellationToken));
        var put = new PutRequest
        {
            Key = ByteString.CopyFromUtf8(StoreKeys.ApiServers + own),
            Value = ByteString.CopyFromUtf8(own.ToString()),
            Lease = granted.ID,
        };
        await StoreCall.WriteAsync(() => client.PutAsync(put, cancellationToken));
        _leaseId = granted.ID;
    }

    private async Task<ImmutableArray<IPEndPoint>> ListAsync(CancellationToken cancellationToken)
    {
        var range = KeyRange.Prefix(StoreKeys.ApiServers);
        var found = await StoreCall.ReadAsync(() => client.RangeAsync(
            new RangeRequest { Key = range.Key, RangeEnd = range.End, Limit = Limits.ApiServersMax },
            cancellationToken));
        return
        [
            .. found.Kvs
                .Select(kv => IPEndPoint.TryParse(kv.Value.ToStringUtf8(), out var address) ? address : null)
                .OfType<IPEndPoint>()
                .OrderBy(address => address.Address.ToString(), StringComparer.Ordinal)
                .ThenBy(address => address.Port),
        ];
    }
}
