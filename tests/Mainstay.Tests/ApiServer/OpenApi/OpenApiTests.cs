using System.Text;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.OpenApi;
using Mainstay.ApiServer.Registry;
using Mainstay.Tests.Architecture;

namespace Mainstay.Tests.ApiServer.OpenApi;

public sealed class OpenApiTests
{
    private static readonly JsonNode V2 = JsonNode.Parse(OpenApiV2.Json.Span)!;

    [Fact]
    public void Every_reference_of_both_versions_leads_somewhere()
    {
        var text = Encoding.UTF8.GetString(OpenApiV2.Json.Span);
        Assert.All(References(text), name => Assert.NotNull(V2["definitions"]![name["#/definitions/".Length..]]));

        foreach (var (path, _) in JsonNode.Parse(OpenApiV3.Index.Span)!["paths"]!.AsObject())
        {
            var json = Encoding.UTF8.GetString(OpenApiV3.Find(path)!.Json.Span);
            var schemas = JsonNode.Parse(json)!["components"]!["schemas"]!;
            Assert.All(References(json), name => Assert.NotNull(schemas[name["#/components/schemas/".Length..]]));
        }
    }

    /// <summary>
    /// kubectl merges by these on its side. The recorded facts are those of kube-apiserver 1.20.2: names, types and
    /// merge keys of all fields, but for volumes of clouds and for what later versions changed. We may know more
    /// fields, never other types, keys or strategies.
    /// </summary>
    [Fact]
    public void Fields_have_the_types_and_merge_keys_of_a_real_API_server()
    {
        var recorded = JsonNode.Parse(File.ReadAllText(
            SourceTree.Path("tests/Mainstay.Tests/ApiServer/testdata/fields-1.20.2.json")))!.AsObject();
        var faults = new List<string>();
        foreach (var (definition, fields) in recorded)
        {
            var ours = V2["definitions"]!["io.k8s." + definition]?["properties"];
            foreach (var (name, expected) in fields!.AsObject())
            {
                var actual = ours?[name] is { } field ? Describe(field) : "absent";
                if (actual != (string)expected!)
                {
                    faults.Add($"{definition}.{name}: {actual}, should be {expected}");
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public void Writes_declare_fieldValidation_without_which_kubectl_does_not_trust_the_server()
    {
        var document = JsonNode.Parse(OpenApiV3.Find("apis/apps/v1")!.Json.Span)!;
        foreach (var (_, path) in document["paths"]!.AsObject())
        {
            foreach (var method in (string[])["post", "put", "patch"])
            {
                if (path![method] is { } operation)
                {
                    Assert.Contains("fieldValidation",
                        operation["parameters"]!.AsArray().Select(parameter => (string)parameter!["name"]!));
                }
            }
        }

        var patch = document["paths"]!["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]!["patch"]!;
        Assert.NotNull(patch["requestBody"]!["content"]!["application/strategic-merge-patch+json"]);
        Assert.Equal("Deployment", (string?)patch["x-kubernetes-group-version-kind"]!["kind"]);
    }

    [Fact]
    public void Every_kind_is_found_by_its_group_version_and_kind_in_both_versions()
    {
        foreach (var type in ResourceTable.All)
        {
            var path = type.Group.Length == 0 ? "api/" + type.Version : $"apis/{type.Group}/{type.Version}";
            var v3 = JsonNode.Parse(OpenApiV3.Find(path)!.Json.Span)!["components"]!["schemas"]![type.Schema.Name]!;
            foreach (var kind in (JsonNode[])[v3, V2["definitions"]![type.Schema.Name]!])
            {
                var stated = kind["x-kubernetes-group-version-kind"]![0]!;
                Assert.Equal((type.Group, type.Version, type.Kind),
                    ((string)stated["group"]!, (string)stated["version"]!, (string)stated["kind"]!));
            }
        }
    }

    [Fact]
    public void The_protobuf_form_holds_the_same_paths_definitions_and_references()
    {
        var document = ProtobufMessage.Parse(OpenApiV2.Protobuf);
        Assert.Equal("2.0", document.Text(1));

        var definitions = Named(document.Message(9), 1);
        Assert.Equal(V2["definitions"]!.AsObject().Select(pair => pair.Key), definitions.Keys);
        var paths = document.Message(8).Messages(2).Select(named => named.Text(1));
        Assert.Equal(V2["paths"]!.AsObject().Select(pair => pair.Key), paths);

        var container = definitions["io.k8s.api.core.v1.Container"];
        var properties = Named(container.Message(25), 1);
        Assert.Equal("object", container.Message(22).Text(1));
        Assert.Equal("string", properties["name"].Message(22).Text(1));
        Assert.Equal("#/definitions/io.k8s.api.core.v1.EnvVar", properties["env"].Message(23).Message(1).Text(1));
        var extensions = Named(properties["env"], 31);
        Assert.Equal("\"name\"", extensions["x-kubernetes-patch-merge-key"].Text(2));
        Assert.Equal("\"merge\"", extensions["x-kubernetes-patch-strategy"].Text(2));
    }

    private static Dictionary<string, ProtobufMessage> Named(ProtobufMessage message, int field) =>
        message.Messages(field).ToDictionary(named => named.Text(1), named => named.Message(2));

    private static string Describe(JsonNode field)
    {
        var shape = field["items"] is not null ? "list of "
            : field["additionalProperties"] is not null ? "map of "
            : "";
        var item = field["items"] ?? field["additionalProperties"] ?? field;
        var type = (string?)item["$ref"] is { } reference
            ? reference.Split('.')[^1]
            : $"{item["type"]} {item["format"]}".Trim();
        var merge = $"{field["x-kubernetes-patch-merge-key"]} {field["x-kubernetes-patch-strategy"]}".Trim();
        return merge.Length == 0 ? shape + type : $"{shape}{type}, {merge}";
    }

    private static IEnumerable<string> References(string json) =>
        json.Split("\"$ref\":\"").Skip(1)
            .Select(rest => rest[..rest.IndexOf('"', StringComparison.Ordinal)]).Distinct();
}
