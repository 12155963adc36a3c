using Grpc.Core;

namespace Mainstay.Etcd;

/// <summary>One attempt of a call at one member.</summary>
internal delegate AsyncUnaryCall<TResponse> MemberCall<TResponse>(Connection at, CallOptions options);

/// <summary>
/// How every call is made: with a deadline, with the demand for a leader, and given up at once when its member is left.
/// A read is tried at the next member, a write only where it was surely not done. Thread safe.
/// </summary>
internal sealed class EtcdCalls(EndpointSet endpoints, EtcdClientOptions options, TimeProvider time)
{
    public Task<TResponse> ReadAsync<TResponse>(MemberCall<TResponse> call, CancellationToken cancellationToken) =>
        CallAsync(isRead: true, call, cancellationToken);

    public Task<TResponse> WriteAsync<TResponse>(MemberCall<TResponse> call, CancellationToken cancellationToken) =>
        CallAsync(isRead: false, call, cancellationToken);

    /// <summary>At this one member, with no other tried and the choice of members left as it is.</summary>
    public async Task<TResponse> AtAsync<TResponse>(
        Endpoint endpoint, MemberCall<TResponse> call, CancellationToken cancellationToken)
    {
        try
        {
            return await OnceAsync(endpoint.Connection, options.CallTimeout, call, cancellationToken);
        }
        catch (RpcException fault)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new EtcdException(
                endpoint.Address, fault, CallFault.IsOfMember(fault) && !CallFault.IsNeverDone(fault));
        }
    }

    /// <summary>A connection to an address that need not be in the list; the caller disposes it.</summary>
    public Endpoint Dial(Uri address) => new(address, isConfigured: false, options);

    public CallOptions OptionsFor(TimeSpan timeout, CancellationToken cancellationToken) => new(
        Connection.RequireLeader,
        deadline: (time.GetUtcNow() + timeout).UtcDateTime,
        cancellationToken: cancellationToken);

    /// <summary>What the fault is to the caller; leaves the member where it is at fault.</summary>
    public EtcdException Judge(Endpoint endpoint, RpcException fault)
    {
        var ofMember = CallFault.IsOfMember(fault);
        if (ofMember)
        {
            endpoints.Leave(endpoint);
        }

        return new EtcdException(endpoint.Address, fault, ofMember && !CallFault.IsNeverDone(fault));
    }

    private async Task<TResponse> CallAsync<TResponse>(
        bool isRead, MemberCall<TResponse> call, CancellationToken cancellationToken)
    {
        var ends = time.GetUtcNow() + options.CallTimeout;
        for (var attempt = 1; ; attempt++)
        {
            var endpoint = endpoints.Current;
            var left = ends - time.GetUtcNow();
            var mayTryNext = attempt < endpoints.Count;
            var timeout = isRead && mayTryNext && left > options.ReadTryTimeout ? options.ReadTryTimeout : left;
            try
            {
                return await OnceAsync(endpoint.Connection, timeout, call, cancellationToken);
            }
            catch (RpcException fault)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var judged = Judge(endpoint, fault);
                var mayRepeat = isRead ? CallFault.IsOfMember(fault) : CallFault.IsNeverDone(fault);
                if (!mayTryNext || !mayRepeat || time.GetUtcNow() >= ends)
                {
                    throw judged;
                }
            }
        }
    }

    private async Task<TResponse> OnceAsync<TResponse>(
        Connection connection, TimeSpan timeout, MemberCall<TResponse> call, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, connection.Left);
        try
        {
            using var running = call(connection, OptionsFor(timeout, either.Token));
            return await running.ResponseAsync;
        }
        catch (Exception fault) when (
            fault is RpcException or ObjectDisposedException
            && connection.Left.IsCancellationRequested
            && !cancellationToken.IsCancellationRequested)
        {
            throw connection.ToLeftException();
        }
    }
}
