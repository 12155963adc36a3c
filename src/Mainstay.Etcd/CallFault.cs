using Grpc.Core;

namespace Mainstay.Etcd;

/// <summary>What a failed call says about the member it went to.</summary>
internal static class CallFault
{
    /// <summary>The member did not serve: another may.</summary>
    public static bool IsOfMember(RpcException exception) =>
        exception.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Internal
            or StatusCode.Unknown
        || IsRefusedUnread(exception);

    /// <summary>
    /// The request was surely not carried out, so that even a write may be tried elsewhere: it never left this process,
    /// or the member refused it before it looked at it.
    /// </summary>
    public static bool IsNeverDone(RpcException exception) =>
        IsRefusedUnread(exception)
        || (exception.StatusCode == StatusCode.Unavailable && exception.Status.DebugException switch
        {
            System.Net.Sockets.SocketException => true,
            HttpRequestException http => http.HttpRequestError is HttpRequestError.ConnectionError
                or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
            _ => false,
        });

    /// <summary>Nobody listens there, or nobody can be dialled.</summary>
    public static bool IsConnectionRefused(RpcException exception) =>
        exception.StatusCode == StatusCode.Unavailable && IsNeverDone(exception);

    /// <summary>
    /// Every request of ours demands a leader, and etcd checks that before it does anything; a learner likewise.
    /// </summary>
    private static bool IsRefusedUnread(RpcException exception) =>
        exception.Status.Detail == EtcdErrors.NoLeader.Text
        || exception.Status.Detail == EtcdErrors.NotForLearner.Text;
}
