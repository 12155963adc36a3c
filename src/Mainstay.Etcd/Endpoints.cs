using Grpc.Core;
using Grpc.Net.Client;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Etcd;

/// <summary>One member: its address and the services behind it.</summary>
internal sealed class Endpoint : IDisposable
{
    // gRPC keeps its own back-off per address; ours decides, so its own is kept short.
    private static readonly TimeSpan ReconnectFirst = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ReconnectCap = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    private readonly GrpcChannel _channel;

    public Endpoint(Uri address, EtcdClientOptions options)
    {
        Address = address;
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = options.PingDelay,
            KeepAlivePingTimeout = options.PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        };
        if (options.Tls is not null)
        {
            handler.SslOptions = options.Tls;
        }

        _channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            // The server bounds a request; a list of all pods may be any size.
            MaxReceiveMessageSize = null,
            MaxSendMessageSize = null,
            InitialReconnectBackoff = ReconnectFirst,
            MaxReconnectBackoff = ReconnectCap,
        });
        Kv = new KV.KVClient(_channel);
        Watch = new Watch.WatchClient(_channel);
        Lease = new Lease.LeaseClient(_channel);
        Cluster = new Cluster.ClusterClient(_channel);
        Maintenance = new Maintenance.MaintenanceClient(_channel);
    }

    public Uri Address { get; }

    public KV.KVClient Kv { get; }

    public Watch.WatchClient Watch { get; }

    public Lease.LeaseClient Lease { get; }

    public Cluster.ClusterClient Cluster { get; }

    public Maintenance.MaintenanceClient Maintenance { get; }

    public void Dispose() => _channel.Dispose();
}

/// <summary>All members, and the one in use. Thread safe.</summary>
internal sealed class EndpointSet : IDisposable
{
    private readonly Endpoint[] _all;
    private int _current;

    public EndpointSet(EtcdClientOptions options)
    {
        _all = [.. options.Endpoints.Select(address => new Endpoint(address, options))];
    }

    public int Count => _all.Length;

    public IReadOnlyList<Endpoint> All => _all;

    public Endpoint Current => _all[Volatile.Read(ref _current)];

    /// <summary>Leaves a member that refuses or is mute; a no-op where another call has left it already.</summary>
    public void Leave(Endpoint endpoint)
    {
        var at = Array.IndexOf(_all, endpoint);
        Interlocked.CompareExchange(ref _current, (at + 1) % _all.Length, at);
    }

    public void Dispose()
    {
        foreach (var endpoint in _all)
        {
            endpoint.Dispose();
        }
    }
}

/// <summary>What a failed call says about the member it went to.</summary>
internal static class CallFault
{
    /// <summary>The member did not serve: another may.</summary>
    public static bool IsOfMember(StatusCode code) =>
        code is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Internal or StatusCode.Unknown;

    /// <summary>The request never left this process, so that even a write may be tried elsewhere.</summary>
    public static bool IsNeverSent(RpcException exception) => exception.StatusCode == StatusCode.Unavailable
        && exception.Status.DebugException switch
        {
            System.Net.Sockets.SocketException => true,
            HttpRequestException http => http.HttpRequestError is HttpRequestError.ConnectionError
                or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
            _ => false,
        };
}
