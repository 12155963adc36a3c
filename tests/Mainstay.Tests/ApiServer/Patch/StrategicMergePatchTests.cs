using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Mainstay.ApiServer.Patch;
using Mainstay.ApiServer.Registry;

namespace Mainstay.Tests.ApiServer.Patch;

public sealed class StrategicMergePatchTests
{
    private const string Pod = """
        {"metadata":{"labels":{"a":"1","b":"2"},"finalizers":["x/1","x/2"]},
         "spec":{"containers":[{"name":"a","image":"a:1","args":["1"],"env":[{"name":"A","value":"1"}]},
                               {"name":"b","image":"b:1"}],
                 "volumes":[{"name":"v","hostPath":{"path":"/x"}}],
                 "tolerations":[{"key":"t"}]}}
        """;

    [Theory]
    [InlineData("""{"spec":{"containers":[{"name":"b","image":"b:2"}]}}""", "/spec/containers",
        """[{"name":"a","image":"a:1","args":["1"],"env":[{"name":"A","value":"1"}]},{"name":"b","image":"b:2"}]""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","env":[{"name":"B","value":"2"}],"args":["2"]}]}}""",
        "/spec/containers/0",
        """{"name":"a","image":"a:1","args":["2"],"env":[{"name":"B","value":"2"},{"name":"A","value":"1"}]}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","$patch":"delete"}]}}""", "/spec/containers",
        """[{"name":"b","image":"b:1"}]""")]
    [InlineData("""{"spec":{"containers":[{"$patch":"replace"},{"name":"c","image":"c"}]}}""", "/spec/containers",
        """[{"name":"c","image":"c"}]""")]
    [InlineData("""{"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}}""", "/spec/containers",
        """[{"name":"b","image":"b:1"},{"name":"a","image":"a:1","args":["1"],"env":[{"name":"A","value":"1"}]}]""")]
    [InlineData("""
        {"spec":{"$setElementOrder/containers":[{"name":"c"},{"name":"b"}],"containers":[{"name":"c","image":"c"}]}}
        """, "/spec/containers",
        """
        [{"name":"c","image":"c"},{"name":"a","image":"a:1","args":["1"],"env":[{"name":"A","value":"1"}]},
         {"name":"b","image":"b:1"}]
        """)]
    [InlineData("""{"spec":{"volumes":[{"$retainKeys":["name","emptyDir"],"name":"v","emptyDir":{}}]}}""",
        "/spec/volumes",
        """[{"name":"v","emptyDir":{}}]""")]
    [InlineData("""{"spec":{"tolerations":[{"key":"u"}]}}""", "/spec/tolerations", """[{"key":"u"}]""")]
    [InlineData("""{"metadata":{"labels":{"a":null,"c":"3"}}}""", "/metadata/labels", """{"b":"2","c":"3"}""")]
    [InlineData("""{"metadata":{"labels":{"$patch":"replace","c":"3"}}}""", "/metadata/labels", """{"c":"3"}""")]
    [InlineData("""{"metadata":{"labels":{"$patch":"delete"}}}""", "/metadata/labels", "{}")]
    [InlineData("""{"metadata":{"finalizers":["x/3","x/2"]}}""", "/metadata/finalizers", """["x/3","x/1","x/2"]""")]
    [InlineData("""{"metadata":{"$deleteFromPrimitiveList/finalizers":["x/1"]}}""",
        "/metadata/finalizers", """["x/2"]""")]
    public void Lists_are_merged_by_their_keys_and_directives_are_obeyed(string patch, string place, string expected)
    {
        var outcome = Apply(Pod, patch);

        Assert.True(outcome.Fault is null, outcome.Fault?.Message);
        JsonNode? at = outcome.Object;
        foreach (var step in place.Split('/').Skip(1))
        {
            at = at is JsonArray list ? list[int.Parse(step)] : at![step];
        }

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), at), at?.ToJsonString());
    }

    [Theory]
    [InlineData("""{"spec":{"containers":[{"image":"x"}]}}""",
        "map: {\"image\":\"x\"} does not contain declared merge key: name")]
    [InlineData("""{"spec":{"containers":[{"name":"a","$patch":"explode"}]}}""", "unknown patch type: \"explode\"")]
    [InlineData("""{"spec":{"$patch":"explode"}}""", "unknown patch type: \"explode\"")]
    [InlineData("""{"spec":{"$setElementOrder/containers":"a","containers":[{"name":"a"}]}}""",
        "invalid patch format of setElementOrder list")]
    [InlineData("""{"spec":{"$setElementOrder/containers":[{"name":"b"}],"containers":[{"name":"a"}]}}""",
        "The order in patch list doesn't match $setElementOrder list: [{\"name\":\"b\"}]")]
    [InlineData("""{"spec":{"volumes":[{"name":"v","$retainKeys":["name"],"emptyDir":{}}]}}""",
        "invalid patch format of retainKeys")]
    [InlineData("""{"metadata":{"$deleteFromPrimitiveList/finalizers":"x"}}""",
        "invalid patch format of primitive list")]
    public void A_patch_that_contradicts_itself_is_a_bad_request(string patch, string fault)
    {
        Assert.Equal(new PatchFault(PatchFaultKind.BadRequest, fault), Apply(Pod, patch).Fault);
    }

    [Fact]
    public void Directives_never_reach_the_object_not_even_below_what_is_new()
    {
        var outcome = Apply("{}", """
            {"spec":{"$setElementOrder/containers":[{"name":"a"}],"containers":[{"name":"a","$retainKeys":["name"]},
             {"name":"b","$patch":"delete"}],"strategy":{"$retainKeys":["x"],"x":{"$patch":"replace","y":null}}}}
            """);

        Assert.DoesNotContain('$', outcome.Object!.ToJsonString());
    }

    [Fact]
    public void A_new_map_and_an_old_one_lose_nulls_alike()
    {
        Assert.Equal("""{"metadata":{"labels":{"b":"1"}}}""",
            Apply("{}", """{"metadata":{"labels":{"a":null,"b":"1"}}}""").Object!.ToJsonString());
    }

    /// <summary>kubectl may send the same patch again after a conflict: the second time must change nothing.</summary>
    [Fact]
    public void Applying_a_patch_twice_is_applying_it_once()
    {
        Gen.Select(Containers(5), Containers(3)).Sample((old, changes) =>
        {
            var start = $$$"""{"spec":{"containers":{{{old}}}}}""";
            var patch = $$$"""{"spec":{"containers":{{{changes}}}}}""";
            var once = Apply(start, patch).Object!.ToJsonString();

            Assert.Equal(once, Apply(once, patch).Object!.ToJsonString());
        });
    }

    /// <summary>The model: a dictionary by name, in which the patch's values win.</summary>
    [Fact]
    public void Merged_items_are_those_of_both_lists_with_the_values_of_the_patch()
    {
        Gen.Select(Containers(5), Containers(3)).Sample((old, changes) =>
        {
            var model = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var item in JsonNode.Parse(old)!.AsArray().Concat(JsonNode.Parse(changes)!.AsArray()))
            {
                model[(string)item!["name"]!] = (string)item["image"]!;
            }

            var patch = $$$"""{"spec":{"containers":{{{changes}}}}}""";
            var merged = Apply($$$"""{"spec":{"containers":{{{old}}}}}""", patch);
            var items = merged.Object!["spec"]!["containers"]!.AsArray();

            Assert.Equal(model.Count, items.Count);
            Assert.All(items, item => Assert.Equal(model[(string)item!["name"]!], (string?)item["image"]));
        });
    }

    private static Gen<string> Containers(int countMax) => Gen.Int[0, 7].ArrayUnique[0, countMax]
        .SelectMany(names => Gen.Int[0, 99].Array[names.Length], (names, images) => new JsonArray(
            [.. names.Select((name, at) => (JsonNode)Container($"c{name}", $"i{images[at]}"))]).ToJsonString());

    private static JsonObject Container(string name, string image) =>
        new JsonObject { ["name"] = name, ["image"] = image };

    private static PatchOutcome Apply(string start, string patch) => Patching.Apply(
        PatchKind.StrategicMerge, PodResource.Type.Schema,
        JsonNode.Parse(start)!.AsObject(), Encoding.UTF8.GetBytes(patch));
}
