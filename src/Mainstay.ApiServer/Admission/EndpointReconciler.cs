using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Http;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Storage;

namespace Mainstay.ApiServer.Admission;

/// <summary>
/// Keeps this server's address, and no other's, among the endpoints of the service <c>kubernetes</c>: it says that it
/// lives, writes down who else does, and takes itself out when it stops. Whoever died is taken out by those that live,
/// once its lease has ended.
/// </summary>
internal sealed class EndpointReconciler(
    ApiServerLeases leases, OwnObjects objects, TimeProvider time, ILogger logger)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var isDone = await TryAsync(async () =>
                    await WriteAsync(await leases.RenewAsync(cancellationToken), cancellationToken));
                await Task.Delay(isDone ? Limits.EndpointsInterval : Limits.ProgressInterval, time, cancellationToken);
            }
        }
        finally
        {
            // Within the time that a stop has; a server that cannot is taken out by the others.
            using var late = new CancellationTokenSource(Limits.EndpointsLeave, time);
            await TryAsync(async () => await WriteAsync(await leases.LeaveAsync(late.Token), late.Token));
        }
    }

    /// <summary>One round; the tests take it by itself.</summary>
    internal async Task WriteAsync(ImmutableArray<IPEndPoint> servers, CancellationToken cancellationToken)
    {
        await objects.PutAsync(
            "", "endpoints", KubernetesEndpoints.Endpoints(servers), ["subsets"], cancellationToken);
        var wanted = KubernetesEndpoints.Slices(servers);
        foreach (var slice in wanted)
        {
            await objects.PutAsync(
                "discovery.k8s.io", "endpointslices", slice, ["endpoints", "ports"], cancellationToken);
        }

        var names = wanted.Select(slice => slice.TextIn("metadata", "name")).ToHashSet(StringComparer.Ordinal);
        await objects.RemoveAsync(
            "discovery.k8s.io", "endpointslices",
            name => KubernetesEndpoints.IsOurs(name) && !names.Contains(name), cancellationToken);
    }

    private async Task<bool> TryAsync(Func<Task> act)
    {
        try
        {
            await act();
            return true;
        }
        catch (Exception fault) when (fault is RefusedException or OperationCanceledException)
        {
            if (fault is RefusedException)
            {
                ApiServerLog.EndpointsWait(logger, fault.Message);
            }

            return false;
        }
    }
}
