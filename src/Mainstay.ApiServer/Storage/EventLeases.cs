using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;

namespace Mainstay.ApiServer.Storage;

/// <summary>
/// The leases that let events expire. Events of one minute share a lease that lives a minute longer than they must, so
/// that an event is kept for an hour at least and the store holds some sixty leases. Thread safe.
/// </summary>
internal sealed class EventLeases(EtcdClient client, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private long _leaseId;
    private long _grantedAt;

    public async Task<long> CurrentAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_leaseId == 0 || time.GetElapsedTime(_grantedAt) >= Limits.EventLeaseShare)
            {
                var ttlSeconds = (long)(Limits.EventTtl + Limits.EventLeaseShare).TotalSeconds;
                var granted = await StoreCall.WriteAsync(
                    () => client.LeaseGrantAsync(new LeaseGrantRequest { TTL = ttlSeconds }, cancellationToken));
                _leaseId = granted.ID;
                _grantedAt = time.GetTimestamp();
            }

            return _leaseId;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The store knows nothing of the lease any more: the next event gets a new one.</summary>
    public void Forget() => Volatile.Write(ref _leaseId, 0);

    public void Dispose() => _one.Dispose();
}
