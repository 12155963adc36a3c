using System.Collections.Immutable;
using System.Net;
using System.Text.Json;

namespace Mainstay.ConsoleSite.Checks;

/// <summary>A field of a discovery object that somebody may stumble over.</summary>
/// <param name="Name">kind, namespace and name</param>
/// <param name="Field">its path, such as <c>subsets[0].addresses</c></param>
/// <param name="What">what is there</param>
/// <param name="Senseless">no reader can make sense of it; else only a strict reader fails</param>
public sealed record ScanFinding(string Name, string Field, string What, bool Senseless)
{
    public override string ToString() => $"{Name}: {Field} {What}";
}

/// <summary>
/// Reads discovery objects as they came and names what is null where a list belongs, and what makes no sense at all.
/// Lists are scanned and not single objects, as that is what routers read, and servers write the two differently. Pure.
/// </summary>
public static class ObjectScan
{
    public static ImmutableArray<ScanFinding> Scan(ObjectList list)
    {
        var findings = ImmutableArray.CreateBuilder<ScanFinding>();
        if (list.Shape.Length > 0)
        {
            findings.Add(new ScanFinding($"the list of {list.Kind.Plural}", "items", list.Shape, Senseless: true));
        }

        for (var index = 0; index < list.Items.Length; index++)
        {
            var item = list.Items[index];
            var meta = Field(item, "metadata");
            var name = Text(meta, "name");
            var at = new Place(
                name.Length > 0 ? $"{list.Kind.Kind} {Text(meta, "namespace")}/{name}"
                    : $"{list.Kind.Kind} number {index}",
                findings);
            if (item.ValueKind != JsonValueKind.Object || name.Length == 0)
            {
                at.Senseless("metadata.name", item.ValueKind == JsonValueKind.Object ? "is missing"
                    : $"is in {Told(item)}");
                continue;
            }

            ScanOne(list.Kind.Kind, item, at);
        }

        return findings.ToImmutable();
    }

    /// <summary>namespace/name of an object, whatever else is in it.</summary>
    public static string NameOf(JsonElement item)
    {
        var meta = Field(item, "metadata");
        return $"{Text(meta, "namespace")}/{Text(meta, "name")}";
    }

    private static void ScanOne(string kind, JsonElement item, Place at)
    {
        switch (kind)
        {
            case "Endpoints":
                ForEach(item, "subsets", at, ScanSubset);
                break;
            case "EndpointSlice":
                ForEach(item, "endpoints", at, ScanEndpoint);
                ForEach(item, "ports", at, ScanPort);
                break;
            case "Service":
                ScanSpec(item, at);
                break;
        }
    }

    private static void ScanSubset(JsonElement subset, string path, Place at)
    {
        ForEach(subset, "addresses", at.Under(path), ScanAddress);
        ForEach(subset, "notReadyAddresses", at.Under(path), ScanAddress);
        ForEach(subset, "ports", at.Under(path), ScanPort);
    }

    private static void ScanAddress(JsonElement address, string path, Place at) =>
        ScanIp(Field(address, "ip"), $"{path}.ip", at);

    private static void ScanEndpoint(JsonElement endpoint, string path, Place at)
    {
        ForEach(endpoint, "addresses", at.Under(path), (address, where, here) => ScanIp(address, where, here));
        var conditions = Field(endpoint, "conditions");
        if (conditions.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.Object))
        {
            at.Senseless($"{path}.conditions", $"is {Told(conditions)} and no object");
        }
    }

    private static void ScanIp(JsonElement ip, string path, Place at)
    {
        if (ip.ValueKind != JsonValueKind.String || !IPAddress.TryParse(ip.GetString(), out _))
        {
            at.Senseless(path, $"is {Told(ip)} and no address");
        }
    }

    private static void ScanPort(JsonElement port, string path, Place at)
    {
        var number = Field(port, "port");
        if (number.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            at.Null($"{path}.port", number.ValueKind == JsonValueKind.Null ? "is null" : "is absent: all ports");
        }
        else if (number.ValueKind != JsonValueKind.Number || !number.TryGetInt32(out var value)
            || value is < 1 or > 65535)
        {
            at.Senseless($"{path}.port", $"is {Told(number)} and no port");
        }
    }

    private static void ScanSpec(JsonElement service, Place at)
    {
        var spec = Field(service, "spec");
        if (spec.ValueKind != JsonValueKind.Object)
        {
            at.Senseless("spec", $"is {Told(spec)} and no object");
            return;
        }

        if (spec.TryGetProperty("ports", out _))
        {
            ForEach(spec, "ports", at.Under("spec"), ScanPort);
        }

        var selector = Field(spec, "selector");
        if (selector.ValueKind == JsonValueKind.Null)
        {
            at.Null("spec.selector", "is null");
        }
        else if (selector.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Object))
        {
            at.Senseless("spec.selector", $"is {Told(selector)} and no map");
        }
    }

    /// <summary>
    /// An absent list is an empty one and stands in every cluster; a null one is what strict readers fail on.
    /// </summary>
    private static void ForEach(
        JsonElement parent, string field, Place at, Action<JsonElement, string, Place> scan)
    {
        var list = Field(parent, field);
        switch (list.ValueKind)
        {
            case JsonValueKind.Undefined:
                return;
            case JsonValueKind.Null:
                at.Null(field, "is null where a list belongs");
                return;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in list.EnumerateArray())
                {
                    var path = $"{field}[{index++}]";
                    if (item.ValueKind == JsonValueKind.Null)
                    {
                        at.Null(path, "is null");
                    }
                    else if (field != "addresses" && item.ValueKind != JsonValueKind.Object)
                    {
                        at.Senseless(path, $"is {Told(item)} and no object");
                    }
                    else
                    {
                        scan(item, path, at);
                    }
                }

                return;
            default:
                at.Senseless(field, $"is {Told(list)} and no list");
                return;
        }
    }

    private static string Told(JsonElement element)
    {
        const int Shown = 40;
        if (element.ValueKind == JsonValueKind.Undefined)
        {
            return "absent";
        }

        var text = element.GetRawText();
        return text.Length > Shown ? text[..Shown] + "…" : text;
    }

    private static JsonElement Field(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var field) ? field : default;

    private static string Text(JsonElement element, string name) =>
        Field(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() ?? "" : "";

    /// <summary>Where in which object the scan is, and where findings go.</summary>
    private sealed record Place(string Name, ImmutableArray<ScanFinding>.Builder Findings)
    {
        private string Prefix { get; init; } = "";

        public Place Under(string path) => this with { Prefix = $"{Prefix}{path}." };

        public void Null(string field, string what) =>
            Findings.Add(new ScanFinding(Name, Prefix + field, what, Senseless: false));

        public void Senseless(string field, string what) =>
            Findings.Add(new ScanFinding(Name, Prefix + field, what, Senseless: true));
    }
}
