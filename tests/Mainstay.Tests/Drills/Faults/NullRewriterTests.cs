using System.Text;
using System.Text.Json.Nodes;
using Mainstay.Drills.Faults;

namespace Mainstay.Tests.Drills.Faults;

public sealed class NullRewriterTests
{
    private static readonly ApiEffect.NullWhenEmpty Target = new("bank", "new-feature");

    [Fact]
    public void An_empty_slice_of_the_service_is_null_in_a_list_and_its_neighbour_is_not()
    {
        var list = $$"""{"items":[{{Slice("new-feature", "[]")}},{{Slice("cards", "[]")}}]}""";

        var items = Rewritten(list, "endpointslices")!["items"]!.AsArray();

        Assert.True(items[0]!.AsObject().ContainsKey("endpoints"));
        Assert.Null(items[0]!["endpoints"]);
        Assert.Null(items[0]!["ports"]);
        Assert.NotNull(items[1]!["endpoints"]);
    }

    [Fact]
    public void An_event_of_a_watch_is_rewritten_like_a_list()
    {
        var line = $$"""{"type":"ADDED","object":{{Slice("new-feature", "[]")}}}""";

        Assert.Null(Rewritten(line, "endpointslices")!["object"]!["endpoints"]);
    }

    [Fact]
    public void Endpoints_without_subsets_get_null_ones()
    {
        var list = """{"items":[{"kind":"Endpoints","metadata":{"namespace":"bank","name":"new-feature"}}]}""";

        var item = Rewritten(list, "endpoints")!["items"]![0]!.AsObject();

        Assert.True(item.ContainsKey("subsets"));
        Assert.Null(item["subsets"]);
    }

    [Theory]
    [InlineData("""[{"addresses":["10.0.0.1"]}]""", "new-feature")]
    [InlineData("[]", "cards")]
    public void What_has_endpoints_and_what_is_another_service_stays_byte_for_byte(string endpoints, string service)
    {
        var list = $$"""{"items":[{{Slice(service, endpoints)}}]}""";

        Assert.Null(NullRewriter.Rewrite(Encoding.UTF8.GetBytes(list), Target, "endpointslices"));
    }

    [Fact]
    public void What_is_no_json_is_left_to_the_client_to_judge()
    {
        Assert.Null(NullRewriter.Rewrite("""{"items":[{"""u8.ToArray(), Target, "endpointslices"));
    }

    private static string Slice(string service, string endpoints) => """
        {"kind":"EndpointSlice","metadata":{"namespace":"bank","name":"NAME-x",
        "labels":{"kubernetes.io/service-name":"NAME"}},"endpoints":HERE,"ports":[]}
        """
        .Replace("NAME", service, StringComparison.Ordinal)
        .Replace("HERE", endpoints, StringComparison.Ordinal);

    private static JsonNode? Rewritten(string json, string resource) =>
        NullRewriter.Rewrite(Encoding.UTF8.GetBytes(json), Target, resource) is { } bytes
            ? JsonNode.Parse(bytes)
            : null;
}
