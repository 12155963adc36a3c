using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Schema;

/// <summary>
/// What makes sense as an endpoint. Other than a real API server this one takes loopback addresses, which is where
/// the pods of one machine live. Pure.
/// </summary>
internal static class EndpointRules
{
    private const int SliceEndpointsMax = 1000;
    private const int SlicePortsMax = 100;
    private const int EndpointAddressesMax = 100;

    public static void CheckSubset(JsonObject subset, FieldPath path, FieldErrors errors)
    {
        var ready = subset.ObjectsAt("addresses").ToList();
        var notReady = subset.ObjectsAt("notReadyAddresses").ToList();
        if (ready.Count + notReady.Count == 0)
        {
            errors.Required(path, "must specify `addresses` or `notReadyAddresses`");
        }

        CheckAddresses(ready, path.Child("addresses"), errors);
        CheckAddresses(notReady, path.Child("notReadyAddresses"), errors);
        var ports = subset.ObjectsAt("ports").ToList();
        for (var index = 0; ports.Count > 1 && index < ports.Count; index++)
        {
            if (ports[index].TextIn("name").Length == 0)
            {
                errors.Required(path.Child("ports").Index(index).Child("name"));
            }
        }
    }

    public static void CheckSlice(JsonObject slice, FieldPath path, FieldErrors errors)
    {
        var endpoints = slice.ObjectsAt("endpoints").ToList();
        if (endpoints.Count > SliceEndpointsMax)
        {
            errors.TooMany(path.Child("endpoints"), endpoints.Count, SliceEndpointsMax);
            return;
        }

        for (var index = 0; index < endpoints.Count; index++)
        {
            var at = path.Child("endpoints").Index(index).Child("addresses");
            CheckSliceAddresses(slice.TextIn("addressType"), [.. endpoints[index].TextsAt("addresses")], at, errors);
        }

        CheckSlicePorts([.. slice.ObjectsAt("ports")], path.Child("ports"), errors);
    }

    private static void CheckAddresses(List<JsonObject> addresses, FieldPath path, FieldErrors errors)
    {
        for (var index = 0; index < addresses.Count; index++)
        {
            var ip = addresses[index].TextIn("ip");
            var at = path.Index(index).Child("ip");
            foreach (var fault in Checks.IsIpAddress(ip))
            {
                errors.Invalid(at, ip, fault);
            }

            foreach (var fault in SpecialFaults(ip))
            {
                errors.Invalid(at, ip, fault);
            }
        }
    }

    private static IEnumerable<string> SpecialFaults(string text)
    {
        if (!IPAddress.TryParse(text, out var ip))
        {
            yield return "must be a valid IP address";
            yield break;
        }

        if (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any))
        {
            yield return "may not be unspecified (0.0.0.0 or ::)";
        }

        var bytes = ip.GetAddressBytes();
        if (bytes is [169, 254, _, _] || ip.IsIPv6LinkLocal)
        {
            yield return "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
        }

        if (bytes is [224, 0, 0, _] || (ip.IsIPv6Multicast && (bytes[1] & 0x0f) == 2))
        {
            yield return "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
        }
    }

    private static void CheckSliceAddresses(string type, List<string> addresses, FieldPath path, FieldErrors errors)
    {
        if (addresses.Count == 0)
        {
            errors.Required(path, "must contain at least 1 address");
        }
        else if (addresses.Count > EndpointAddressesMax)
        {
            errors.TooMany(path, addresses.Count, EndpointAddressesMax);
        }

        for (var index = 0; index < addresses.Count; index++)
        {
            var address = addresses[index];
            var faults = type switch
            {
                "IPv4" when !Checks.IsIp(address, AddressFamily.InterNetwork) => ["must be a valid IPv4 address"],
                "IPv6" when !Checks.IsIp(address, AddressFamily.InterNetworkV6) => ["must be a valid IPv6 address"],
                "IPv4" or "IPv6" => SpecialFaults(address),
                "FQDN" => NameRules.IsSubdomain(address.TrimEnd('.')),
                _ => [],
            };
            foreach (var fault in faults)
            {
                errors.Invalid(path.Index(index), address, fault);
            }
        }
    }

    private static void CheckSlicePorts(List<JsonObject> ports, FieldPath path, FieldErrors errors)
    {
        if (ports.Count > SlicePortsMax)
        {
            errors.TooMany(path, ports.Count, SlicePortsMax);
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < ports.Count; index++)
        {
            var name = ports[index].TextIn("name");
            foreach (var fault in name.Length == 0 ? [] : NameRules.IsLabel(name))
            {
                errors.Invalid(path.Index(index).Child("name"), name, fault);
            }

            if (!seen.Add(name))
            {
                errors.Duplicate(path.Index(index).Child("name"), name);
            }
        }
    }
}
