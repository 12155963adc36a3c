using Mainstay.ApiServer.Http;
using Mainstay.Etcd;

namespace Mainstay.ApiServer.Storage;

/// <summary>What a client is told when the store refuses or is away.</summary>
internal static class StoreCall
{
    public static async Task<T> ReadAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (EtcdException e)
        {
            throw Refuse(e, isWrite: false);
        }
    }

    public static async Task<T> WriteAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (EtcdException e)
        {
            throw Refuse(e, isWrite: true);
        }
    }

    public static RefusedException Refuse(EtcdException e, bool isWrite)
    {
        if (e.Error == EtcdErrors.RequestTooLarge)
        {
            return new RefusedException(KubeStatus.BodyTooLarge(Limits.ObjectBytesMax));
        }

        if (e.Error == EtcdErrors.TooManyRequests)
        {
            return new RefusedException(KubeStatus.TooManyRequests(e.Message));
        }

        if (isWrite && e.MayHaveHappened)
        {
            return new RefusedException(KubeStatus.StoreTimeout("write"));
        }

        return new RefusedException(
            IsAway(e) ? KubeStatus.StoreUnavailable(e.Message) : KubeStatus.Internal(e.Message));
    }

    private static bool IsAway(EtcdException e) => e.Code is
        Grpc.Core.StatusCode.Unavailable or Grpc.Core.StatusCode.DeadlineExceeded or Grpc.Core.StatusCode.Cancelled;
}
