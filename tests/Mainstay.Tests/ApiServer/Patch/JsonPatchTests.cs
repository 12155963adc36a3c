using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Mainstay.ApiServer.Patch;
using Mainstay.ApiServer.Registry;

namespace Mainstay.Tests.ApiServer.Patch;

public sealed class JsonPatchTests
{
    [Theory]
    [InlineData("""[{"op":"add","path":"/a/b","value":1}]""", """{"a":{"b":1},"l":[1,2]}""")]
    [InlineData("""[{"op":"add","path":"/l/1","value":9}]""", """{"a":{},"l":[1,9,2]}""")]
    [InlineData("""[{"op":"add","path":"/l/-","value":9}]""", """{"a":{},"l":[1,2,9]}""")]
    [InlineData("""[{"op":"remove","path":"/l/0"}]""", """{"a":{},"l":[2]}""")]
    [InlineData("""[{"op":"replace","path":"/l","value":null}]""", """{"a":{},"l":null}""")]
    [InlineData("""[{"op":"move","from":"/l","path":"/a/l"}]""", """{"a":{"l":[1,2]}}""")]
    [InlineData("""[{"op":"copy","from":"/l/1","path":"/a/x"}]""", """{"a":{"x":2},"l":[1,2]}""")]
    [InlineData("""[{"op":"test","path":"/l","value":[1,2]}]""", """{"a":{},"l":[1,2]}""")]
    [InlineData("""[{"op":"add","path":"/x~1y~0z~01","value":1}]""", """{"a":{},"l":[1,2],"x/y~z~1":1}""")]
    [InlineData("[]", """{"a":{},"l":[1,2]}""")]
    public void Operations_change_what_they_point_at(string patch, string expected)
    {
        var outcome = Apply(patch);

        Assert.True(outcome.Fault is null, outcome.Fault?.Message);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), outcome.Object), outcome.Object!.ToJsonString());
    }

    [Theory]
    [InlineData("""[{"op":"test","path":"/l/0","value":2}]""", "testing value /l/0 failed: test failed")]
    [InlineData("""[{"op":"test","path":"/nope","value":2}]""", "testing value /nope failed: test failed")]
    [InlineData("""[{"op":"remove","path":"/nope"}]""",
        "error in remove for path: '/nope': Unable to remove nonexistent key: nope: missing value")]
    [InlineData("""[{"op":"replace","path":"/nope","value":1}]""",
        "replace operation does not apply: doc is missing key: /nope: missing value")]
    [InlineData("""[{"op":"add","path":"/nope/x","value":1}]""",
        "add operation does not apply: doc is missing path: \"/nope/x\": missing value")]
    [InlineData("""[{"op":"add","path":"/l/3","value":1}]""",
        "Unable to access invalid index: 3: invalid index referenced")]
    [InlineData("""[{"op":"remove","path":"/l/2"}]""", "Unable to access invalid index: 2: invalid index referenced")]
    [InlineData("""[{"op":"remove","path":"/l/-1"}]""", "value was not a proper array index: '-1'")]
    [InlineData("""[{"op":"remove","path":"/l/01"}]""", "value was not a proper array index: '01'")]
    [InlineData("""[{"op":"move","from":"/a","path":"/a/b"}]""", "move operation does not apply: /a/b is inside of /a")]
    [InlineData("""[{"op":"add","path":"a","value":1}]""", "add operation failed to decode path: missing value")]
    [InlineData("""[{"op":"add","path":"/a~2","value":1}]""", "add operation failed to decode path: missing value")]
    [InlineData("""[{"op":"add","path":"/b"}]""", "add operation has no value")]
    [InlineData("""[{"op":"jump","path":"/b"}]""", "Unexpected kind: jump")]
    [InlineData("""[{"path":"/b"}]""", "Unexpected kind: unknown")]
    public void What_does_not_apply_is_refused_and_nothing_is_half_applied(string patch, string fault)
    {
        var before = Start().ToJsonString();
        var document = Start();
        var outcome = Patching.Apply(
            PatchKind.Json, PodResource.Type.Schema, document, Encoding.UTF8.GetBytes(
                patch.Replace("[{", """[{"op":"add","path":"/first","value":1},{""", StringComparison.Ordinal)));

        Assert.Equal(new PatchFault(PatchFaultKind.DoesNotApply, fault), outcome.Fault);
        Assert.Null(outcome.Object);
        Assert.Equal(before, document.ToJsonString());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("[")]
    [InlineData("")]
    [InlineData("[] []")]
    public void What_is_no_patch_is_a_bad_request(string patch)
    {
        Assert.Equal(PatchFaultKind.BadRequest, Apply(patch).Fault!.Kind);
    }

    [Fact]
    public void Ten_thousand_operations_are_taken_and_one_more_is_too_large()
    {
        string Many(int count) =>
            $"[{string.Join(',', Enumerable.Repeat("""{"op":"add","path":"/n","value":1}""", count))}]";

        Assert.Null(Apply(Many(10_000)).Fault);
        Assert.Equal(PatchFaultKind.TooLarge, Apply(Many(10_001)).Fault!.Kind);
    }

    /// <summary>A model of lists: the same operations on a List of numbers.</summary>
    [Fact]
    public void Random_operations_on_a_list_do_what_a_list_does()
    {
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 5], Gen.Int[0, 99]).Array[0, 30].Sample(steps =>
        {
            var model = new List<int> { 1, 2 };
            var patch = new JsonArray();
            foreach (var (kind, at, value) in steps)
            {
                var index = model.Count == 0 ? 0 : at % model.Count;
                switch (kind)
                {
                    case 0:
                        model.Insert(index, value);
                        patch.Add((JsonNode)Step("add", index.ToString(), value));
                        break;
                    case 1:
                        model.Add(value);
                        patch.Add((JsonNode)Step("add", "-", value));
                        break;
                    case 2 when model.Count > 0:
                        model.RemoveAt(index);
                        patch.Add((JsonNode)Step("remove", index.ToString(), null));
                        break;
                    case 3 when model.Count > 0:
                        model[index] = value;
                        patch.Add((JsonNode)Step("replace", index.ToString(), value));
                        break;
                }
            }

            var outcome = Apply(patch.ToJsonString());
            Assert.Equal(model, outcome.Object!["l"]!.AsArray().Select(item => (int)item!.GetValue<long>()));
        });
    }

    private static JsonObject Step(string name, string index, int? value)
    {
        var step = new JsonObject { ["op"] = name, ["path"] = "/l/" + index };
        if (value is not null)
        {
            step["value"] = value;
        }

        return step;
    }

    private static JsonObject Start() => JsonNode.Parse("""{"a":{},"l":[1,2]}""")!.AsObject();

    private static PatchOutcome Apply(string patch)
    {
        // nodes made eagerly, as the server's are: numbers are Int64
        var start = new JsonObject { ["a"] = new JsonObject(), ["l"] = new JsonArray(1L, 2L) };
        return Patching.Apply(PatchKind.Json, PodResource.Type.Schema, start, Encoding.UTF8.GetBytes(patch));
    }
}
