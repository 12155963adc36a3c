using System.Text.Json.Nodes;
using Mainstay.ApiServer.Http;

namespace Mainstay.ApiServer.Admission;

/// <summary>
/// The namespaces that everyone relies on, and the service <c>kubernetes</c>, by which pods find the servers. Looked
/// after for as long as the server runs; the service's endpoints are <see cref="EndpointReconciler"/>'s.
/// </summary>
internal sealed class Bootstrap(OwnObjects objects, BootstrapParts parts)
{
    private static readonly string[] Namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var isFirst = true;
        while (true)
        {
            var wait = Limits.BootstrapInterval;
            try
            {
                await EnsureAsync(cancellationToken);
                isFirst = false;
            }
            catch (RefusedException e)
            {
                ApiServerLog.BootstrapWaits(parts.Logger, e.Message);
                wait = isFirst ? Limits.ProgressInterval : wait;
            }

            await Task.Delay(wait, parts.Time, cancellationToken);
        }
    }

    private async Task EnsureAsync(CancellationToken cancellationToken)
    {
        foreach (var name in Namespaces)
        {
            var metadata = new JsonObject { ["name"] = name };
            await objects.EnsureAsync("", "namespaces", new JsonObject { ["metadata"] = metadata }, cancellationToken);
        }

        await objects.EnsureAsync("", "services", Service(), cancellationToken);
    }

    private JsonObject Service() => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = KubernetesEndpoints.Name,
            ["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = "kubernetes" },
        },
        ["spec"] = new JsonObject
        {
            ["clusterIP"] = parts.ServiceAddress,
            ["clusterIPs"] = new JsonArray(parts.ServiceAddress),
            ["ports"] = new JsonArray(
                new JsonObject
                {
                    ["name"] = "https", ["protocol"] = "TCP", ["port"] = 443, ["targetPort"] = parts.Port,
                }),
        },
    };
}

/// <param name="Port">where the server listens</param>
/// <param name="ServiceAddress">the cluster address of the service kubernetes</param>
internal sealed record BootstrapParts(int Port, string ServiceAddress, TimeProvider Time, ILogger Logger);
