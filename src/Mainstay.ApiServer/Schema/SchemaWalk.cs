using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Schema;

/// <summary>
/// One pass over the bytes of a body, guided by its schema; the state behind <see cref="ObjectReader"/>. Collects
/// strays (unknown and duplicate fields) and the first type error, and reads on to the end.
/// </summary>
internal ref struct SchemaWalk
{
    private Utf8JsonReader _reader;

    public SchemaWalk(ReadOnlySpan<byte> json, JsonReaderOptions options)
    {
        _reader = new Utf8JsonReader(json, options);
    }

    public List<string> Strays { get; } = [];

    public string? TypeError { get; private set; }

    /// <summary>The body must be known to be an object.</summary>
    public JsonObject ReadRoot(ObjectSchema schema)
    {
        _reader.Read();
        return ReadObject(schema, FieldPath.Root, "");
    }

    private JsonObject ReadObject(ObjectSchema schema, FieldPath path, string goPath)
    {
        var result = new JsonObject();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = GoJsonErrors.Text(ref _reader);
            var here = path.Child(name);
            _reader.Read();
            if (schema.Find(name) is not { } field)
            {
                AddStray("unknown", here);
                _reader.Skip();
                continue;
            }

            if (!seen.Add(name))
            {
                AddStray("duplicate", here);
                result.Remove(name);
            }

            var goHere = goPath.Length == 0 ? name : $"{goPath}.{name}";
            var place = new Place(field, schema.GoName, goHere);
            if (ReadField(place, here) is { } value)
            {
                result[name] = value;
            }
        }

        return result;
    }

    private JsonNode? ReadField(Place place, FieldPath path)
    {
        if (_reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        switch (place.Field.Shape)
        {
            case FieldShape.List when _reader.TokenType == JsonTokenType.StartArray:
                return ReadList(place, path);
            case FieldShape.Map when _reader.TokenType == JsonTokenType.StartObject:
                return ReadMap(place, path);
            case FieldShape.One:
                return ReadItem(place, path);
            default:
                return Mismatch(place, place.Field.GoType);
        }
    }

    private JsonArray ReadList(Place place, FieldPath path)
    {
        var list = new JsonArray();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            // Go reads a null item as the zero value of its type
            var item = _reader.TokenType == JsonTokenType.Null
                ? Zero(place.Field)
                : ReadItem(place, path.Index(list.Count));
            list.Add(item);
        }

        return list;
    }

    private JsonObject ReadMap(Place place, FieldPath path)
    {
        var map = new JsonObject();
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = GoJsonErrors.Text(ref _reader);
            var here = path.Child(key);
            _reader.Read();
            if (map.ContainsKey(key))
            {
                AddStray("duplicate", here);
            }

            var value = _reader.TokenType == JsonTokenType.Null ? Zero(place.Field) : ReadItem(place, here);
            if (value is not null)
            {
                map[key] = value;
            }
        }

        return map;
    }

    private static JsonNode? Zero(Field field) => field.Kind switch
    {
        FieldKind.Text or FieldKind.Bytes => "",
        FieldKind.Int32 or FieldKind.Int64 => 0,
        FieldKind.Quantity => "0",
        FieldKind.Object => new JsonObject(),
        _ => null,
    };

    private JsonNode? ReadItem(Place place, FieldPath path) => place.Field switch
    {
        { Kind: FieldKind.Object, Object: { } schema } => _reader.TokenType == JsonTokenType.StartObject
            ? ReadObject(schema, path, place.GoPath)
            : Mismatch(place, place.Field.GoItemType),
        { Kind: FieldKind.Any } => ReadAny(place),
        _ => ReadScalar(place),
    };

    private JsonNode? ReadAny(Place place) => _reader.TokenType == JsonTokenType.StartObject
        ? JsonNode.Parse(ref _reader)
        : Mismatch(place, place.Field.GoItemType);

    private JsonNode? ReadScalar(Place place)
    {
        var outcome = ScalarReader.Read(ref _reader, place.Field.Kind);
        if (outcome.Value is null)
        {
            Fail(outcome.Error ?? GoJsonErrors.InField(
                outcome.Found ?? "", place.StructName, place.GoPath, place.Field.GoItemType));
            _reader.Skip();
        }

        return outcome.Value;
    }

    private JsonNode? Mismatch(Place place, string goType)
    {
        Fail(GoJsonErrors.InField(GoJsonErrors.NameOf(ref _reader), place.StructName, place.GoPath, goType));
        _reader.Skip();
        return null;
    }

    private void Fail(string error) => TypeError ??= error;

    private readonly void AddStray(string what, FieldPath path)
    {
        if (Strays.Count < SchemaLimits.StrayFieldsMax)
        {
            Strays.Add($"{what} field \"{path}\"");
        }
    }

    /// <summary>A field, the Go struct it is in, and its path as Go spells it (without the indexes of lists).</summary>
    private readonly record struct Place(Field Field, string StructName, string GoPath);
}
