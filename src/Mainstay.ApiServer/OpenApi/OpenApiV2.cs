using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.OpenApi;

/// <summary>The whole API as one OpenAPI 2.0 document: /openapi/v2. Made once, when first asked for.</summary>
internal static class OpenApiV2
{
    /// <summary>How kubectl asks for the protobuf form.</summary>
    public const string ProtobufMediaType = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    private static readonly Lazy<ReadOnlyMemory<byte>> JsonBytes =
        new(() => Encoding.UTF8.GetBytes(Build().ToJsonString(GoText.Plain)));

    private static readonly Lazy<ReadOnlyMemory<byte>> ProtobufBytes =
        new(() => OpenApiV2Protobuf.Encode(Build()));

    public static ReadOnlyMemory<byte> Json => JsonBytes.Value;

    public static ReadOnlyMemory<byte> Protobuf => ProtobufBytes.Value;

    private static JsonObject Build()
    {
        var names = ApiPaths.All.SelectMany(path => path.Operations).SelectMany(Names);
        var definitions = new JsonObject();
        foreach (var (name, definition) in Definitions.V2.Closure(names))
        {
            definitions[name] = definition;
        }

        var paths = new JsonObject();
        foreach (var path in ApiPaths.All.OrderBy(path => path.Path, StringComparer.Ordinal))
        {
            paths[path.Path] = PathItem(path);
        }

        return new JsonObject
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "unversioned" },
            ["paths"] = paths,
            ["definitions"] = definitions,
        };
    }

    internal static IEnumerable<string> Names(ApiOperation operation) =>
        new[] { operation.Body, operation.Answer }.OfType<string>();

    private static JsonObject PathItem(ApiPath path)
    {
        var item = new JsonObject();
        foreach (var operation in path.Operations)
        {
            item[operation.Method] = Operation(operation, path.GroupVersion);
        }

        item["parameters"] = Parameters(path.Parameters);
        return item;
    }

    private static JsonObject Operation(ApiOperation operation, string groupVersion)
    {
        var parameters = Parameters(operation.Parameters);
        if (operation.Body is not null)
        {
            JsonNode body = new JsonObject
            {
                ["name"] = "body",
                ["in"] = "body",
                ["required"] = operation.Method != "delete",
                ["schema"] = new JsonObject { ["$ref"] = Definitions.V2.Reference(operation.Body) },
            };
            parameters.Insert(0, body);
        }

        var answer = operation.Answer is null
            ? new JsonObject { ["type"] = "string" }
            : new JsonObject { ["$ref"] = Definitions.V2.Reference(operation.Answer) };
        return new JsonObject
        {
            ["description"] = operation.Description,
            ["consumes"] = new JsonArray([.. operation.Consumes.Select(type => (JsonNode)type)]),
            ["produces"] = new JsonArray("application/json", "application/yaml"),
            ["schemes"] = new JsonArray("https"),
            ["tags"] = new JsonArray(Tag(groupVersion)),
            ["operationId"] = operation.Id,
            ["parameters"] = parameters,
            ["responses"] = new JsonObject
            {
                ["200"] = new JsonObject { ["description"] = "OK", ["schema"] = answer },
                ["401"] = new JsonObject { ["description"] = "Unauthorized" },
            },
            ["x-kubernetes-action"] = operation.Action,
            ["x-kubernetes-group-version-kind"] = Definitions.KindNode(operation.Kind),
        };
    }

    /// <summary>"core_v1", "apps_v1".</summary>
    internal static string Tag(string groupVersion)
    {
        var slash = groupVersion.IndexOf('/', StringComparison.Ordinal);
        return slash < 0
            ? "core_" + groupVersion
            : groupVersion[..slash].Split('.')[0] + "_" + groupVersion[(slash + 1)..];
    }

    private static JsonArray Parameters(ImmutableArray<ApiParameter> parameters)
    {
        var list = new JsonArray();
        foreach (var parameter in parameters)
        {
            var node = new JsonObject
            {
                ["uniqueItems"] = true,
                ["type"] = parameter.Type,
                ["description"] = parameter.Description,
                ["name"] = parameter.Name,
                ["in"] = parameter.IsInPath ? "path" : "query",
            };
            if (parameter.IsInPath)
            {
                node["required"] = true;
            }

            list.Add((JsonNode)node);
        }

        return list;
    }
}
