using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.ApiServer.OpenApi;

/// <summary>The schema table as JSON schemas, in the dialect of one version of OpenAPI.</summary>
internal sealed class Definitions
{
    public const string Patch = Meta + "Patch";

    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private const string Quantity = "io.k8s.apimachinery.pkg.api.resource.Quantity";
    private const string IntOrString = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
    private const string RawExtension = "io.k8s.apimachinery.pkg.runtime.RawExtension";

    private static readonly FrozenDictionary<string, ObjectSchema> Objects = AllObjects();

    private static readonly FrozenDictionary<string, ImmutableArray<GroupVersionKind>> Kinds = AllKinds();

    private readonly bool _isV3;

    private Definitions(bool isV3)
    {
        _isV3 = isV3;
    }

    public static Definitions V2 { get; } = new(false);

    public static Definitions V3 { get; } = new(true);

    /// <summary>The definitions of these names, and all that they refer to, by name.</summary>
    public SortedDictionary<string, JsonObject> Closure(IEnumerable<string> names)
    {
        var result = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        var open = new Stack<string>(names);
        while (open.TryPop(out var name))
        {
            if (result.ContainsKey(name))
            {
                continue;
            }

            var definition = Define(name, open);
            result[name] = definition;
        }

        return result;
    }

    public string Reference(string name) => (_isV3 ? "#/components/schemas/" : "#/definitions/") + name;

    private JsonObject Define(string name, Stack<string> open)
    {
        if (name.EndsWith("List", StringComparison.Ordinal) && Objects.TryGetValue(name[..^4], out var item))
        {
            return DefineList(item, open);
        }

        return Objects.TryGetValue(name, out var schema) ? DefineObject(schema, open) : DefineBuiltin(name);
    }

    private JsonObject DefineObject(ObjectSchema schema, Stack<string> open)
    {
        var properties = new JsonObject();
        foreach (var field in schema.Fields.OrderBy(field => field.Name, StringComparer.Ordinal))
        {
            properties[field.Name] = DefineField(field, open);
        }

        var definition = new JsonObject { ["description"] = schema.Description, ["type"] = "object" };
        var required = schema.Fields.Where(field => field.IsDeclaredRequired).Select(field => field.Name);
        AddNames(definition, "required", required.Order(StringComparer.Ordinal));
        definition["properties"] = properties;
        AddKinds(definition, schema.Name);
        return definition;
    }

    private JsonObject DefineList(ObjectSchema item, Stack<string> open)
    {
        open.Push(item.Name);
        open.Push(MetaTypes.ListMeta.Name);
        var definition = new JsonObject
        {
            ["description"] = $"A list of objects of kind {item.GoName}.",
            ["type"] = "object",
            ["required"] = new JsonArray("items"),
            ["properties"] = new JsonObject
            {
                ["apiVersion"] = new JsonObject { ["description"] = "The group and version.", ["type"] = "string" },
                ["items"] = new JsonObject
                {
                    ["description"] = "The objects.",
                    ["type"] = "array",
                    ["items"] = new JsonObject { ["$ref"] = Reference(item.Name) },
                },
                ["kind"] = new JsonObject { ["description"] = "The kind of the list.", ["type"] = "string" },
                ["metadata"] = Refer(MetaTypes.ListMeta.Name, "What the list says of itself."),
            },
        };
        AddKinds(definition, item.Name + "List");
        return definition;
    }

    private JsonObject DefineField(Field field, Stack<string> open)
    {
        JsonObject result;
        if (field.Shape == FieldShape.One)
        {
            result = DefineItem(field, field.Description, open);
        }
        else
        {
            var holder = field.Shape == FieldShape.List ? ("array", "items") : ("object", "additionalProperties");
            result = new JsonObject
            {
                ["description"] = field.Description,
                ["type"] = holder.Item1,
                [holder.Item2] = DefineItem(field, "", open),
            };
        }

        if (field.MergeKey is not null)
        {
            result["x-kubernetes-patch-merge-key"] = field.MergeKey;
        }

        var strategy = (field.MergeKey is not null || field.IsMergedSet, field.RetainsKeys) switch
        {
            (true, true) => "merge,retainKeys",
            (true, false) => "merge",
            (false, true) => "retainKeys",
            _ => null,
        };
        if (strategy is not null)
        {
            result["x-kubernetes-patch-strategy"] = strategy;
        }

        return result;
    }

    private JsonObject DefineItem(Field field, string description, Stack<string> open)
    {
        var reference = field.Kind switch
        {
            FieldKind.Object => field.Object?.Name,
            FieldKind.Quantity => Quantity,
            FieldKind.IntOrString => IntOrString,
            FieldKind.Time => Meta + "Time",
            FieldKind.MicroTime => Meta + "MicroTime",
            FieldKind.Any => field.Name == "fieldsV1" ? Meta + "FieldsV1" : RawExtension,
            _ => null,
        };
        if (reference is not null)
        {
            open.Push(reference);
            return Refer(reference, description);
        }

        var (type, format) = field.Kind switch
        {
            FieldKind.Flag => ("boolean", ""),
            FieldKind.Int32 => ("integer", "int32"),
            FieldKind.Int64 => ("integer", "int64"),
            FieldKind.Bytes => ("string", "byte"),
            _ => ("string", ""),
        };
        var plain = Plain(type, format, description);
        AddNames(plain, "enum", field.Allowed);
        return plain;
    }

    /// <summary>A reference with a description: in v3 nothing may stand beside $ref, so it is wrapped.</summary>
    private JsonObject Refer(string name, string description)
    {
        var reference = new JsonObject { ["$ref"] = Reference(name) };
        if (description.Length == 0)
        {
            return reference;
        }

        if (_isV3)
        {
            JsonNode wrapped = reference;
            return new JsonObject { ["description"] = description, ["allOf"] = new JsonArray(wrapped) };
        }

        reference.Insert(0, "description", description);
        return reference;
    }

    private JsonObject DefineBuiltin(string name) => name switch
    {
        Quantity => OneOfTextOr("number", "An amount: a number with a suffix, such as 100m or 1Gi.", ""),
        IntOrString => OneOfTextOr("integer", "A number, or a text.", "int-or-string"),
        Meta + "Time" => Plain("string", "date-time", "A time, to the second."),
        Meta + "MicroTime" => Plain("string", "date-time", "A time, to the microsecond."),
        Meta + "FieldsV1" => Plain("object", "", "Fields, as a tree."),
        RawExtension => Plain("object", "", "Any object."),
        _ => Plain("object", "", "A change, in one of the formats that the operation takes."),
    };

    private JsonObject OneOfTextOr(string other, string description, string format)
    {
        if (!_isV3)
        {
            return Plain("string", format, description);
        }

        JsonNode text = new JsonObject { ["type"] = "string" };
        JsonNode number = new JsonObject { ["type"] = other };
        var definition = new JsonObject { ["description"] = description, ["oneOf"] = new JsonArray(text, number) };
        if (format.Length > 0)
        {
            definition["format"] = format;
        }

        return definition;
    }

    private static JsonObject Plain(string type, string format, string description)
    {
        var plain = new JsonObject();
        if (description.Length > 0)
        {
            plain["description"] = description;
        }

        plain["type"] = type;
        if (format.Length > 0)
        {
            plain["format"] = format;
        }

        return plain;
    }

    private static void AddNames(JsonObject definition, string member, IEnumerable<string> names)
    {
        var list = new JsonArray([.. names.Select(name => (JsonNode)name)]);
        if (list.Count > 0)
        {
            definition[member] = list;
        }
    }

    private static void AddKinds(JsonObject definition, string name)
    {
        if (Kinds.TryGetValue(name, out var kinds))
        {
            definition["x-kubernetes-group-version-kind"] = new JsonArray([.. kinds.Select(KindNode)]);
        }
    }

    public static JsonNode KindNode(GroupVersionKind kind) => new JsonObject
    {
        ["group"] = kind.Group,
        ["kind"] = kind.Kind,
        ["version"] = kind.Version,
    };

    private static FrozenDictionary<string, ObjectSchema> AllObjects()
    {
        var all = new Dictionary<string, ObjectSchema>(StringComparer.Ordinal);
        var open = new Stack<ObjectSchema>(ResourceTable.All.Select(type => type.Schema));
        ObjectSchema[] others =
        [
            ScaleTypes.Scale, ClusterTypes.Binding, ClusterTypes.Eviction,
            MetaTypes.DeleteOptions, MetaTypes.ListMeta, MetaTypes.Status,
        ];
        foreach (var other in others)
        {
            open.Push(other);
        }

        while (open.TryPop(out var schema))
        {
            if (all.TryAdd(schema.Name, schema))
            {
                foreach (var child in schema.Fields.Select(field => field.Object).OfType<ObjectSchema>())
                {
                    open.Push(child);
                }
            }
        }

        return all.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static FrozenDictionary<string, ImmutableArray<GroupVersionKind>> AllKinds()
    {
        var all = new Dictionary<string, ImmutableArray<GroupVersionKind>>(StringComparer.Ordinal)
        {
            [ScaleTypes.Scale.Name] = [GroupVersionKind.Of(ScaleView.Expected)],
            [ClusterTypes.Binding.Name] = [new("", "v1", "Binding")],
            [ClusterTypes.Eviction.Name] = [new("policy", "v1", "Eviction")],
            [MetaTypes.Status.Name] = [new("", "v1", "Status")],
            [MetaTypes.DeleteOptions.Name] = [.. ResourceTable.GroupVersions.Select(groupVersion =>
                GroupVersionKind.Of(new ExpectedKind(groupVersion, "DeleteOptions", MetaTypes.DeleteOptions)))],
        };
        foreach (var type in ResourceTable.All)
        {
            all[type.Schema.Name] = [GroupVersionKind.Of(type)];
            all[type.Schema.Name + "List"] = [new(type.Group, type.Version, type.ListKind)];
        }

        return all.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
