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
    // etcd then ends the stream when its member has lost the leader, where it would be silent otherwise.
    private static readonly Metadata RequireLeader = new() { { "hasleader", "true" } };

    private readonly AsyncDuplexStreamingCall<WatchRequest, WatchResponse> _call;
    private readonly WatchPatience _patience;
    private Task<bool>? _moving;
    private bool _isCreated;

    private WatchStream(
        Endpoint endpoint, AsyncDuplexStreamingCall<WatchRequest, WatchResponse> call, WatchPatience patience)
    {
        Endpoint = endpoint;
        _call = call;
        _patience = patience;
    }

    public Endpoint Endpoint { get; }

    public static async Task<WatchStream> OpenAsync(
        Endpoint endpoint, WatchRequest create, WatchPatience patience, CancellationToken cancellationToken)
    {
        var call = endpoint.Watch.Watch(new CallOptions(RequireLeader, cancellationToken: cancellationToken));
        try
        {
            var written = call.RequestStream.WriteAsync(create, cancellationToken);
            await written.WaitAsync(patience.Options.CallTimeout, patience.Time, cancellationToken);
            return new WatchStream(endpoint, call, patience);
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    public async Task<WatchResponse> ReadAsync(CancellationToken cancellationToken)
    {
        _moving ??= _call.ResponseStream.MoveNext(cancellationToken);
        if (!_moving.IsCompleted)
        {
            await WaitAsync(_moving, cancellationToken);
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

    public void Dispose() => _call.Dispose();
}
