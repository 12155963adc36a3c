using System.Text.Json.Nodes;
using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.ApiServer.Registry;

/// <summary>v1 services.</summary>
internal static class ServiceResource
{
    public static readonly ResourceType Type = new()
    {
        Group = "",
        Version = "v1",
        Kind = "Service",
        Plural = "services",
        Singular = "service",
        ShortNames = ["svc"],
        Categories = ["all"],
        HasStatus = true,
        StoragePrefix = "/registry/services/specs/",
        Schema = ServiceTypes.Service,
        Columns = ServicePrinting.Service,
        SelectableFields = Selectable.By("spec.clusterIP", "spec.type"),
        Strategy = new ResourceStrategy
        {
            Name = NameRules.Dns1035,
            OnCreate = Normalize,
            OnUpdate = KeepAddress,
            Validate = ServiceRules.Check,
        },
    };

    /// <summary>clusterIP and clusterIPs are one field.</summary>
    private static void Normalize(JsonObject service)
    {
        var spec = service.Ensure("spec");
        var ip = spec.TextIn("clusterIP");
        if (ip.Length > 0 && spec["clusterIPs"] is null)
        {
            spec["clusterIPs"] = new JsonArray(ip);
        }
    }

    /// <summary>The address of a service is the server's to give; an update that does not name it keeps it.</summary>
    private static void KeepAddress(JsonObject next, JsonObject old)
    {
        var (spec, before) = (next.Ensure("spec"), old["spec"]);
        var hadAddress = before.TextIn("type") is not "ExternalName" && spec.TextIn("type") is not "ExternalName";
        foreach (var name in (ReadOnlySpan<string>)["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
        {
            if (hadAddress && spec[name] is null && before?[name] is { } kept)
            {
                spec[name] = kept.DeepClone();
            }
        }

        Normalize(next);
    }
}
