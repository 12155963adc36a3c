using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Schema;

/// <summary>What one value of a field is.</summary>
internal enum FieldKind
{
    Text,
    Flag,
    Int32,
    Int64,

    /// <summary>"100m", "1Gi", or a number.</summary>
    Quantity,

    /// <summary>80, "http" or "25%".</summary>
    IntOrString,

    /// <summary>RFC 3339, to the second.</summary>
    Time,

    /// <summary>RFC 3339, to the microsecond.</summary>
    MicroTime,

    /// <summary>Base 64.</summary>
    Bytes,

    /// <summary>An object with a schema of its own: <see cref="Field.Object"/>.</summary>
    Object,

    /// <summary>Any JSON object, kept as it is.</summary>
    Any,
}

internal enum FieldShape
{
    One,
    List,
    Map,
}

/// <summary>Adds what is wrong with one value to the errors.</summary>
internal delegate void ValueCheck(JsonNode value, FieldPath path, FieldErrors errors);

/// <summary>
/// One field of an object: everything the server knows of it stands here, and readers, defaults, validation, patches,
/// tables and OpenAPI are all driven by it. Immutable; made by <see cref="Declare"/>.
/// </summary>
internal sealed record Field(string Name, FieldKind Kind, FieldShape Shape, string Description)
{
    /// <summary>The schema of the value (or of each item) of a <see cref="FieldKind.Object"/>.</summary>
    public ObjectSchema? Object { get; init; }

    /// <summary>OpenAPI lists it under "required".</summary>
    public bool IsDeclaredRequired { get; init; }

    /// <summary>Validation refuses an object in which it is absent or empty.</summary>
    public bool IsRefusedWhenEmpty { get; init; }

    /// <summary>The key by which a strategic merge patch tells the items of the list apart.</summary>
    public string? MergeKey { get; init; }

    /// <summary>A list of plain values that a strategic merge patch adds to, rather than replaces.</summary>
    public bool IsMergedSet { get; init; }

    /// <summary>A strategic merge patch may clear the keys it does not name ("$retainKeys").</summary>
    public bool RetainsKeys { get; init; }

    public JsonNode? Default { get; init; }

    /// <summary>0 means the default, as for numbers that Go keeps without a pointer.</summary>
    public bool TakesZeroAsUnset { get; init; }

    /// <summary>The only values allowed; empty means any.</summary>
    public ImmutableArray<string> Allowed { get; init; } = [];

    public long? Minimum { get; init; }

    public ValueCheck? Check { get; init; }

    /// <summary>
    /// The name of the Go type, where the messages of a real API server show another one than the kind's.
    /// </summary>
    public string? GoTypeName { get; init; }

    /// <summary>In OpenAPI's "required" list, and refused when absent or empty.</summary>
    public Field Required() => this with { IsDeclaredRequired = true, IsRefusedWhenEmpty = true };

    /// <summary>Refused when absent or empty, though OpenAPI says that it is optional.</summary>
    public Field NotEmpty() => this with { IsRefusedWhenEmpty = true };

    /// <summary>In OpenAPI's "required" list only: its zero value is valid.</summary>
    public Field Always() => this with { IsDeclaredRequired = true };

    public Field MergeBy(string key) => this with { MergeKey = key };

    public Field MergedAsSet() => this with { IsMergedSet = true };

    public Field RetainKeys() => this with { RetainsKeys = true };

    public Field DefaultsTo(JsonNode value) => this with { Default = value };

    public Field ZeroIsUnset() => this with { TakesZeroAsUnset = true };

    public Field OneOf(params ReadOnlySpan<string> values) => this with { Allowed = [.. values] };

    public Field AtLeast(long minimum) => this with { Minimum = minimum };

    public Field CheckedBy(ValueCheck check) => this with { Check = check };

    public Field InGo(string typeName) => this with { GoTypeName = typeName };

    /// <summary>The type as Go prints it in "cannot unmarshal string into Go struct field ... of type int32".</summary>
    public string GoType => Shape switch
    {
        FieldShape.List => "[]" + GoItemType,
        FieldShape.Map when Kind == FieldKind.Quantity => "v1.ResourceList",
        FieldShape.Map => "map[string]" + GoItemType,
        _ => GoItemType,
    };

    /// <summary>The same for one item of a list or one value of a map.</summary>
    public string GoItemType => GoTypeName ?? Kind switch
    {
        FieldKind.Text => "string",
        FieldKind.Flag => "bool",
        FieldKind.Int32 => "int32",
        FieldKind.Int64 => "int64",
        FieldKind.Quantity => "resource.Quantity",
        FieldKind.IntOrString => "intstr.IntOrString",
        FieldKind.Time => "v1.Time",
        FieldKind.MicroTime => "v1.MicroTime",
        FieldKind.Bytes => "[]uint8",
        FieldKind.Object => Object?.GoType ?? "struct",
        _ => "runtime.RawExtension",
    };
}
