using Grpc.Core;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Etcd;

internal sealed record WatchPatience(EtcdClientOptions Options, TimeProvider Time);

/// <summary>
/// One watch on one connection. A stream that is silent is asked for progress, and one that stays silent is given up
/// with a
/// <see cref="TimeoutException"/>: an open stream proves nothing.
/// </summary>
internal sealed class WatchStream : IDisposable
{
    private readonly AsyncDuplexStreamingCall<WatchRequest, WatchResponse> _call;
    private readonly WatchPatience _patience;
    private readonly CancellationTokenSource _ended;
    private readonly Connection _connection;
    private Task<bool>? _moving;
    private bool _isCreated;
    private string _whyAbandoned = "";

    private WatchStream(
        (Endpoint Endpoint, Connection Connection) at,
        AsyncDuplexStreamingCall<WatchRequest, WatchResponse> call,
        WatchPatience patience,
        CancellationTokenSource ended)
    {
        (Endpoint, _connection) = at;
        _call = call;
        _patience = patience;
        _ended = ended;
    }

    public Endpoint Endpoint { get; }

    /// <summary>Why it was ended from this side; empty while it was not.</summary>
    public string WhyEnded => Volatile.Read(ref _whyAbandoned) is { Length: > 0 } why ? why : _connection.WhyLeft;

    /// <summary>Ends it, from any thread: whoever reads it goes on elsewhere.</summary>
    public void Abandon(string why)
    {
        Volatile.Write(ref _whyAbandoned, why);
        try
        {
            _ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It had ended already.
        }
    }

    public static async Task<WatchStream> OpenAsync(
        Endpoint endpoint, WatchRequest create, WatchPatience patience, CancellationToken cancellationToken)
    {
        var connection = endpoint.Connection;
        var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, connection.Left);
        AsyncDuplexStreamingCall<WatchRequest, WatchResponse>? call = null;
        try
        {
            // The demand for a leader: etcd then ends the stream when its member has lost the leader.
            call = connection.Watch.Watch(new CallOptions(Connection.RequireLeader, cancellationToken: ended.Token));
            await call.RequestStream.WriteAsync(create, ended.Token)
                .WaitAsync(patience.Options.CallTimeout, patience.Time, ended.Token);
            return new WatchStream((endpoint, connection), call, patience, ended);
        }
        catch
        {
            call?.Dispose();
            ended.Dispose();
            throw;
        }
    }

    public async Task<WatchResponse> ReadAsync()
    {
        _moving ??= _call.ResponseStream.MoveNext(_ended.Token);
        if (!_moving.IsCompleted)
        {
            await WaitAsync(_moving, _ended.Token);
        }

        var has = await _moving;
        _moving = null;
        if (!has)
        {
            throw new IOException("the server ended the watch stream");
        }

        _isCreated |= _call.ResponseStream.Current.Created;
        return _call.ResponseStream.Current;
    }

    private async Task WaitAsync(Task<bool> moving, CancellationToken cancellationToken)
    {
        var (options, time) = (_patience.Options, _patience.Time);
        if (_isCreated)
        {
            try
            {
                await moving.WaitAsync(options.WatchSilenceMax, time, cancellationToken);
                return;
            }
            catch (TimeoutException)
            {
                await _call.RequestStream
                    .WriteAsync(new WatchRequest { ProgressRequest = new WatchProgressRequest() }, cancellationToken)
                    .WaitAsync(options.WatchSilenceMax, time, cancellationToken);
            }
        }

        await moving.WaitAsync(_isCreated ? options.WatchSilenceMax : options.CallTimeout, time, cancellationToken);
    }

    public void Dispose()
    {
        _call.Dispose();
        _ended.Dispose();
    }
}
