using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Schema;

/// <summary>Adds what is wrong with one object, past what its fields say alone, to the errors.</summary>
internal delegate void ObjectCheck(JsonObject value, FieldPath path, FieldErrors errors);

/// <summary>
/// One type of the table, named as OpenAPI names it ("io.k8s.api.core.v1.Container"). Immutable.
/// </summary>
internal sealed class ObjectSchema
{
    private readonly FrozenDictionary<string, Field> _byName;

    public ObjectSchema(string name, string description, ImmutableArray<Field> fields)
    {
        Name = name;
        Description = description;
        Fields = fields;
        _byName = fields.ToFrozenDictionary(field => field.Name, StringComparer.Ordinal);
        var words = name.Split('.');
        GoName = words[^1];
        GoType = $"{words[^2]}.{words[^1]}";
    }

    public string Name { get; }

    public string Description { get; }

    /// <summary>In the order of validation.</summary>
    public ImmutableArray<Field> Fields { get; }

    /// <summary>"Container".</summary>
    public string GoName { get; }

    /// <summary>"v1.Container".</summary>
    public string GoType { get; }

    /// <summary>
    /// Fills what depends on more than one field; runs after the fields' own defaults, before the children's.
    /// </summary>
    public Action<JsonObject>? Defaulter { get; private init; }

    public ObjectCheck? Check { get; private init; }

    public Field? Find(string name) => _byName.GetValueOrDefault(name);

    public ObjectSchema DefaultedBy(Action<JsonObject> defaulter) =>
        new(Name, Description, Fields) { Defaulter = defaulter, Check = Check };

    public ObjectSchema CheckedBy(ObjectCheck check) =>
        new(Name, Description, Fields) { Defaulter = Defaulter, Check = check };

    public override string ToString() => Name;
}
