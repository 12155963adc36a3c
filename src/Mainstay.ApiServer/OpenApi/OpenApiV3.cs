using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.OpenApi;

/// <summary>
/// The API as OpenAPI 3.0, one document for each group and version, and an index of them: /openapi/v3. A document's
/// address carries its hash, so that clients can keep it for ever. Each is made once, when first asked for.
/// </summary>
internal static class OpenApiV3
{
    private static readonly FrozenDictionary<string, Lazy<Served>> Documents = ResourceTable.GroupVersions
        .ToFrozenDictionary(PathOf, groupVersion => new Lazy<Served>(() => Build(groupVersion)));

    private static readonly Lazy<ReadOnlyMemory<byte>> IndexBytes = new(BuildIndex);

    /// <summary>The answer to GET /openapi/v3.</summary>
    public static ReadOnlyMemory<byte> Index => IndexBytes.Value;

    /// <param name="path">what stands after /openapi/v3/: "api/v1", "apis/apps/v1"</param>
    public static Served? Find(string path) =>
        Documents.TryGetValue(path, out var document) ? document.Value : null;

    private static string PathOf(string groupVersion) =>
        groupVersion.Contains('/', StringComparison.Ordinal) ? "apis/" + groupVersion : "api/" + groupVersion;

    private static ReadOnlyMemory<byte> BuildIndex()
    {
        var paths = new JsonObject();
        foreach (var (path, document) in Documents.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var url = $"/openapi/v3/{path}?hash={document.Value.Hash}";
            paths[path] = new JsonObject { ["serverRelativeURL"] = url };
        }

        return Encoding.UTF8.GetBytes(new JsonObject { ["paths"] = paths }.ToJsonString(GoText.Plain));
    }

    private static Served Build(string groupVersion)
    {
        var own = ApiPaths.All.Where(path => path.GroupVersion == groupVersion).ToList();
        var schemas = new JsonObject();
        var names = own.SelectMany(path => path.Operations).SelectMany(OpenApiV2.Names);
        foreach (var (name, definition) in Definitions.V3.Closure(names))
        {
            schemas[name] = definition;
        }

        var paths = new JsonObject();
        foreach (var path in own.OrderBy(path => path.Path, StringComparer.Ordinal))
        {
            paths[path.Path] = PathItem(path);
        }

        var document = new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "unversioned" },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
        var bytes = Encoding.UTF8.GetBytes(document.ToJsonString(GoText.Plain));
        return new Served(bytes, Convert.ToHexString(SHA512.HashData(bytes)));
    }

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
        var result = new JsonObject
        {
            ["tags"] = new JsonArray(OpenApiV2.Tag(groupVersion)),
            ["description"] = operation.Description,
            ["operationId"] = operation.Id,
            ["parameters"] = Parameters(operation.Parameters),
        };
        if (operation.Body is not null)
        {
            result["requestBody"] = new JsonObject
            {
                ["content"] = Content(operation.Consumes, operation.Body),
                ["required"] = operation.Method != "delete",
            };
        }

        ImmutableArray<string> answers = operation.Answer is null
            ? ["text/plain"]
            : ["application/json", "application/yaml"];
        result["responses"] = new JsonObject
        {
            ["200"] = new JsonObject
            {
                ["description"] = "OK",
                ["content"] = Content(answers, operation.Answer),
            },
            ["401"] = new JsonObject { ["description"] = "Unauthorized" },
        };
        result["x-kubernetes-action"] = operation.Action;
        result["x-kubernetes-group-version-kind"] = Definitions.KindNode(operation.Kind);
        return result;
    }

    private static JsonObject Content(ImmutableArray<string> mediaTypes, string? name)
    {
        var content = new JsonObject();
        foreach (var mediaType in mediaTypes)
        {
            var schema = name is null
                ? new JsonObject { ["type"] = "string" }
                : new JsonObject { ["$ref"] = Definitions.V3.Reference(name) };
            content[mediaType] = new JsonObject { ["schema"] = schema };
        }

        return content;
    }

    private static JsonArray Parameters(ImmutableArray<ApiParameter> parameters)
    {
        var list = new JsonArray();
        foreach (var parameter in parameters)
        {
            var node = new JsonObject
            {
                ["name"] = parameter.Name,
                ["in"] = parameter.IsInPath ? "path" : "query",
                ["description"] = parameter.Description,
                ["schema"] = new JsonObject { ["type"] = parameter.Type, ["uniqueItems"] = true },
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

/// <summary>A document and the hash of its bytes.</summary>
internal sealed record Served(ReadOnlyMemory<byte> Json, string Hash);
