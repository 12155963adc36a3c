using System.Net;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Http;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Storage;

namespace Mainstay.ApiServer.Admission;

/// <summary>
/// What the server itself puts into the store: the namespaces that everyone relies on, and the service
/// <c>kubernetes</c> with its endpoints, by which pods find the server. Looked after for as long as the server runs.
/// </summary>
internal sealed class Bootstrap(ObjectStore store, ObjectWriter writer, BootstrapParts parts)
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
                await EnsureAsync(isFirst, cancellationToken);
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

    private async Task EnsureAsync(bool isFirst, CancellationToken cancellationToken)
    {
        foreach (var name in Namespaces)
        {
            var metadata = new JsonObject { ["name"] = name };
            await EnsureAsync("", "namespaces", new JsonObject { ["metadata"] = metadata }, cancellationToken);
        }

        await EnsureAsync("", "services", Service(), cancellationToken);
        foreach (var (group, plural, tree) in new[]
        {
            ("", "endpoints", Endpoints()), ("discovery.k8s.io", "endpointslices", EndpointSlice()),
        })
        {
            var isMade = await EnsureAsync(group, plural, tree, cancellationToken);
            if (isFirst && !isMade)
            {
                // another server may have stood here, on another port
                await ReplaceAsync(group, plural, tree, cancellationToken);
            }
        }
    }

    /// <returns>whether the object was made now</returns>
    private async Task<bool> EnsureAsync(
        string group, string plural, JsonObject tree, CancellationToken cancellationToken)
    {
        if (ResourceTable.Find(group, "v1", plural) is not { } type)
        {
            return false;
        }

        var target = Target(type, tree);
        if (await store.GetAsync(type, target.Key, cancellationToken) is not null)
        {
            return false;
        }

        try
        {
            await writer.CreateAsync(target, Typed(type, tree), cancellationToken);
            return true;
        }
        catch (RefusedException e) when (e.Status.Reason == "AlreadyExists")
        {
            return false; // another API server was faster
        }
    }

    private async Task ReplaceAsync(string group, string plural, JsonObject tree, CancellationToken cancellationToken)
    {
        if (ResourceTable.Find(group, "v1", plural) is { } type)
        {
            var change = new ObjectChange(UpdatePart.Main, old =>
            {
                foreach (var name in (ReadOnlySpan<string>)["subsets", "endpoints", "ports"])
                {
                    JsonTree.Copy(tree, old, name);
                }

                return old;
            });
            await writer.UpdateAsync(Target(type, tree), change, cancellationToken);
        }
    }

    private static WriteTarget Target(ResourceType type, JsonObject tree) => new(
        type, type.IsNamespaced ? "default" : "", tree.TextIn("metadata", "name"), IsDryRun: false);

    private static JsonObject Typed(ResourceType type, JsonObject tree)
    {
        var typed = new JsonObject { ["apiVersion"] = type.GroupVersion, ["kind"] = type.Kind };
        foreach (var (name, value) in tree)
        {
            typed[name] = value?.DeepClone();
        }

        return typed;
    }

    private JsonObject Service() => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = "kubernetes",
            ["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = "kubernetes" },
        },
        ["spec"] = new JsonObject
        {
            ["clusterIP"] = parts.ServiceAddress,
            ["clusterIPs"] = new JsonArray(parts.ServiceAddress),
            ["ports"] = new JsonArray(
                new JsonObject
                {
                    ["name"] = "https", ["protocol"] = "TCP", ["port"] = 443, ["targetPort"] = parts.Address.Port,
                }),
        },
    };

    private JsonObject Endpoints() => new()
    {
        ["metadata"] = new JsonObject { ["name"] = "kubernetes" },
        ["subsets"] = new JsonArray(
            new JsonObject
            {
                ["addresses"] = new JsonArray(new JsonObject { ["ip"] = Ip() }),
                ["ports"] = new JsonArray(Port()),
            }),
    };

    private JsonObject EndpointSlice() => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = "kubernetes",
            ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = "kubernetes" },
        },
        ["addressType"] = "IPv4",
        ["endpoints"] = new JsonArray(
            new JsonObject
            {
                ["addresses"] = new JsonArray(Ip()),
                ["conditions"] = new JsonObject { ["ready"] = true },
            }),
        ["ports"] = new JsonArray(Port()),
    };

    private JsonObject Port() => new() { ["name"] = "https", ["port"] = parts.Address.Port, ["protocol"] = "TCP" };

    private string Ip() => (parts.Address.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : parts.Address.Address)
        .ToString();
}

/// <param name="Address">where the server is reached</param>
/// <param name="ServiceAddress">the cluster address of the service kubernetes</param>
internal sealed record BootstrapParts(IPEndPoint Address, string ServiceAddress, TimeProvider Time, ILogger Logger);
