using Grpc.Core;
using Grpc.Net.Client;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Etcd;

/// <summary>
/// One HTTP/2 connection to one member and the services behind it. Each member has its own, so that a name in one
/// member's certificate is never held against another's. Leaving it ends every call on it.
/// </summary>
internal sealed class Connection : IDisposable
{
    // gRPC keeps its own back-off per address; ours decides, so its own is kept short.
    private static readonly TimeSpan ReconnectFirst = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ReconnectCap = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A member without a leader then refuses at once, and ends a stream, where it would let both wait otherwise.
    /// </summary>
    public static readonly Metadata RequireLeader = new() { { "hasleader", "true" } };

    private readonly GrpcChannel _channel;
    private readonly CancellationTokenSource _left = new();
    private string _whyLeft = "";

    public Connection(Uri address, EtcdClientOptions options)
    {
        Address = address;
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            UseProxy = false,
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
        Left = _left.Token;
    }

    public Uri Address { get; }

    /// <summary>Cancelled when the member was given up: whoever waits here should go elsewhere.</summary>
    public CancellationToken Left { get; }

    /// <summary>Why it was left; empty while it is not.</summary>
    public string WhyLeft => Volatile.Read(ref _whyLeft);

    public KV.KVClient Kv { get; }

    public Watch.WatchClient Watch { get; }

    public Lease.LeaseClient Lease { get; }

    public Cluster.ClusterClient Cluster { get; }

    public Maintenance.MaintenanceClient Maintenance { get; }

    /// <summary>Ends every call and watch on it at once. It stays usable only for being disposed.</summary>
    public void Leave(string why)
    {
        Volatile.Write(ref _whyLeft, why);
        _left.Cancel();
        _channel.Dispose();
    }

    public void Dispose()
    {
        if (!_left.IsCancellationRequested)
        {
            Leave("the client was closed");
        }

        _left.Dispose();
    }

    /// <summary>What a call that ended by <see cref="Left"/> is told as.</summary>
    public RpcException ToLeftException() =>
        new(new Status(StatusCode.Unavailable, $"the member was left while the call ran: {WhyLeft}"));
}
