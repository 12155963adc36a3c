using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.OpenApi;

/// <summary>
/// The OpenAPI 2.0 document as the protobuf message openapi.v2.Document (github.com/google/gnostic), whose field
/// numbers these are. Extensions (x-...) travel as YAML text, of which JSON is a part. Pure.
/// </summary>
internal static class OpenApiV2Protobuf
{
    private static readonly (string Method, int Field)[] Methods =
    [
        ("get", 2), ("put", 3), ("post", 4), ("delete", 5), ("options", 6), ("head", 7), ("patch", 8),
    ];

    public static byte[] Encode(JsonObject document)
    {
        var writer = new ProtobufWriter();
        writer.Text(1, document.TextAt("swagger"));
        writer.Message(2, info =>
        {
            info.Text(1, document["info"].TextAt("title"));
            info.Text(2, document["info"].TextAt("version"));
        });
        writer.Message(8, paths => Named(paths, 2, document.ObjectAt("paths"), PathItem));
        writer.Message(9, definitions => Named(definitions, 1, document.ObjectAt("definitions"), Schema));
        return writer.ToArray();
    }

    private static void PathItem(ProtobufWriter writer, JsonObject item)
    {
        foreach (var (method, field) in Methods)
        {
            if (item.ObjectAt(method) is { } operation)
            {
                writer.Message(field, inside => Operation(inside, operation));
            }
        }

        Parameters(writer, 9, item);
        Extensions(writer, 10, item);
    }

    private static void Operation(ProtobufWriter writer, JsonObject operation)
    {
        Texts(writer, 1, operation, "tags");
        writer.Text(3, operation.TextAt("description"));
        writer.Text(5, operation.TextAt("operationId"));
        Texts(writer, 6, operation, "produces");
        Texts(writer, 7, operation, "consumes");
        Parameters(writer, 8, operation);

        // ResponseValue.response is field 1 of a choice
        writer.Message(9, responses => Named(responses, 1, operation.ObjectAt("responses"),
            (value, response) => value.Message(1, inside => Response(inside, response))));
        Texts(writer, 10, operation, "schemes");
        Extensions(writer, 13, operation);
    }

    private static void Response(ProtobufWriter writer, JsonObject response)
    {
        writer.Text(1, response.TextAt("description"));
        if (response.ObjectAt("schema") is { } schema)
        {
            writer.Message(2, item => item.Message(1, inside => Schema(inside, schema)));
        }
    }

    private static void Parameters(ProtobufWriter writer, int field, JsonObject owner)
    {
        foreach (var parameter in owner.ObjectsAt("parameters"))
        {
            // ParametersItem.parameter, then Parameter.body_parameter or Parameter.non_body_parameter
            writer.Message(field, item => item.Message(1, choice =>
            {
                if (parameter.TextAt("in") == "body")
                {
                    choice.Message(1, body => BodyParameter(body, parameter));
                }
                else
                {
                    choice.Message(2, other => OtherParameter(other, parameter));
                }
            }));
        }
    }

    private static void BodyParameter(ProtobufWriter writer, JsonObject parameter)
    {
        writer.Text(2, parameter.TextAt("name"));
        writer.Text(3, "body");
        writer.Flag(4, parameter.FlagAt("required"));
        if (parameter.ObjectAt("schema") is { } schema)
        {
            writer.Message(5, inside => Schema(inside, schema));
        }
    }

    private static void OtherParameter(ProtobufWriter writer, JsonObject parameter)
    {
        // a query parameter has allow_empty_value as field 5, which moves its later fields by one
        var isInPath = parameter.TextAt("in") == "path";
        writer.Message(isInPath ? 4 : 3, inside =>
        {
            inside.Flag(1, parameter.FlagAt("required"));
            inside.Text(2, parameter.TextAt("in"));
            inside.Text(3, parameter.TextAt("description"));
            inside.Text(4, parameter.TextAt("name"));
            inside.Text(isInPath ? 5 : 6, parameter.TextAt("type"));
            inside.Flag(isInPath ? 19 : 20, parameter.FlagAt("uniqueItems"));
        });
    }

    private static void Schema(ProtobufWriter writer, JsonObject schema)
    {
        writer.Text(1, schema.TextAt("$ref"));
        writer.Text(2, schema.TextAt("format"));
        writer.Text(4, schema.TextAt("description"));
        Texts(writer, 19, schema, "required");
        foreach (var value in schema.TextsAt("enum"))
        {
            writer.Message(20, any => any.Text(2, GoText.Quote(value)));
        }

        if (schema.ObjectAt("additionalProperties") is { } values)
        {
            writer.Message(21, item => item.Message(1, inside => Schema(inside, values)));
        }

        if (schema.TextAt("type") is { } type)
        {
            writer.Message(22, item => item.Text(1, type));
        }

        if (schema.ObjectAt("items") is { } items)
        {
            writer.Message(23, item => item.Message(1, inside => Schema(inside, items)));
        }

        if (schema.ObjectAt("properties") is { } properties)
        {
            writer.Message(25, inside => Named(inside, 1, properties, Schema));
        }

        Extensions(writer, 31, schema);
    }

    private static void Extensions(ProtobufWriter writer, int field, JsonObject owner)
    {
        foreach (var (name, value) in owner)
        {
            if (name.StartsWith("x-", StringComparison.Ordinal) && value is not null)
            {
                writer.Message(field, named =>
                {
                    named.Text(1, name);
                    named.Message(2, any => any.Text(2, value.ToJsonString(GoText.Plain)));
                });
            }
        }
    }

    /// <summary>A list of (name, value) messages, which is how the message keeps maps in their order.</summary>
    private static void Named(
        ProtobufWriter writer, int field, JsonObject? map, Action<ProtobufWriter, JsonObject> write)
    {
        foreach (var (name, value) in map ?? [])
        {
            if (value is JsonObject inside)
            {
                writer.Message(field, named =>
                {
                    named.Text(1, name);
                    named.Message(2, message => write(message, inside));
                });
            }
        }
    }

    private static void Texts(ProtobufWriter writer, int field, JsonObject owner, string name)
    {
        foreach (var text in owner.TextsAt(name))
        {
            writer.Text(field, text);
        }
    }
}
