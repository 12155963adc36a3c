using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Registry;

/// <summary>What holds between the fields of a service. Pure.</summary>
internal static class ServiceRules
{
    private static readonly FieldPath Spec = FieldPath.Root.Child("spec");

    public static void Check(JsonObject next, JsonObject? old, FieldErrors errors)
    {
        var spec = next.Ensure("spec");
        var type = spec.TextIn("type");
        var isHeadless = spec.TextIn("clusterIP") == "None";
        if (spec.ListAt("ports") is not { Count: > 0 } && !isHeadless && type != "ExternalName")
        {
            errors.Required(Spec.Child("ports"));
        }

        if (isHeadless && (type is "LoadBalancer" or "NodePort"))
        {
            errors.Invalid(Spec.Child("clusterIPs").Index(0), "None", $"may not be set to 'None' for {type} services");
        }

        if (type == "ExternalName")
        {
            CheckExternalName(spec, errors);
        }

        CheckPorts(spec, type, errors);
        CheckAddress(spec, errors);
        if (old is not null)
        {
            CheckAddressKept(spec, old["spec"], errors);
        }
    }

    private static void CheckExternalName(JsonObject spec, FieldErrors errors)
    {
        if (spec.ListAt("clusterIPs") is { Count: > 0 })
        {
            errors.Forbidden(Spec.Child("clusterIPs"), "may not be set for ExternalName services");
        }

        var name = spec.TextIn("externalName");
        if (name.Length == 0)
        {
            errors.Required(Spec.Child("externalName"));
            return;
        }

        foreach (var fault in NameRules.IsSubdomain(name.EndsWith('.') ? name[..^1] : name))
        {
            errors.Invalid(Spec.Child("externalName"), name, fault);
        }
    }

    private static void CheckPorts(JsonObject spec, string type, FieldErrors errors)
    {
        var ports = spec.ObjectsAt("ports").ToList();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < ports.Count; index++)
        {
            var (port, path) = (ports[index], Spec.Child("ports").Index(index));
            if (ports.Count > 1 && port.TextIn("name").Length == 0)
            {
                errors.Required(path.Child("name"));
            }

            if ((port.NumberAt("port") ?? 0) == 0 && port["port"] is null)
            {
                errors.Invalid(path.Child("port"), 0, "must be between 1 and 65535, inclusive");
            }

            if (type == "ClusterIP" && (port.NumberAt("nodePort") ?? 0) != 0)
            {
                errors.Forbidden(path.Child("nodePort"), "may not be used when `type` is 'ClusterIP'");
            }

            if (!seen.Add($"{port.TextIn("protocol")} {port.NumberAt("port")}"))
            {
                errors.Duplicate(path, new Literal(
                    $"core.ServicePort{{Name:\"\", Protocol:\"{port.TextIn("protocol")}\", " +
                    $"AppProtocol:(*string)(nil), Port:{port.NumberAt("port")}, " +
                    "TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:\"\"}, NodePort:0}"));
            }
        }

        Checks.Unique(spec, "ports", "name", (Spec, errors));
    }

    private static void CheckAddress(JsonObject spec, FieldErrors errors)
    {
        var ip = spec.TextIn("clusterIP");
        var all = spec.TextsAt("clusterIPs").ToList();
        var path = Spec.Child("clusterIPs");
        if (ip.Length > 0 && all.Count > 0 && all[0] != ip)
        {
            errors.Invalid(path, spec["clusterIPs"], "element [0] must match clusterIP");
        }
        else if (ip.Length == 0 && all.Count > 0)
        {
            errors.Invalid(path, spec["clusterIPs"], "must be empty when clusterIP is empty");
        }

        for (var index = 0; index < all.Count; index++)
        {
            foreach (var fault in all[index] == "None" && index == 0 ? [] : Checks.IsIpAddress(all[index]))
            {
                errors.Invalid(path.Index(index), all[index], fault);
            }
        }
    }

    private static void CheckAddressKept(JsonObject spec, JsonNode? old, FieldErrors errors)
    {
        var (now, then) = (spec.TextIn("clusterIP"), old.TextIn("clusterIP"));
        var isFixed = then.Length > 0 && old.TextIn("type") != "ExternalName" && spec.TextIn("type") != "ExternalName";
        if (isFixed && now != then)
        {
            errors.Invalid(Spec.Child("clusterIPs").Index(0), now, "may not change once set");
        }
    }
}
