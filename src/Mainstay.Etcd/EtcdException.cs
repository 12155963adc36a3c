using Grpc.Core;

namespace Mainstay.Etcd;

/// <summary>A call that etcd refused, or that never came back.</summary>
public sealed class EtcdException : Exception
{
    internal EtcdException(Uri endpoint, RpcException cause, bool mayHaveHappened)
        : base($"etcd at {endpoint.Authority}: {cause.Status.Detail} ({cause.StatusCode})", cause)
    {
        Endpoint = endpoint;
        Code = cause.StatusCode;
        Error = EtcdErrors.Find(cause.Status.Detail);
        MayHaveHappened = mayHaveHappened;
    }

    public Uri Endpoint { get; }

    public StatusCode Code { get; }

    /// <summary>The row of <see cref="EtcdErrors"/>; null for what the transport or a newer etcd says.</summary>
    public EtcdError? Error { get; }

    /// <summary>
    /// True where the call may have been carried out although no answer came: a write must then be read back before
    /// it is tried again. False where etcd refused it or never got it.
    /// </summary>
    public bool MayHaveHappened { get; }
}
