using System.Text;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Patch;
using Mainstay.ApiServer.Registry;

namespace Mainstay.Tests.ApiServer.Patch;

public sealed class MergePatchTests
{
    /// <summary>The examples of RFC 7386, as far as both sides are objects.</summary>
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", "{}")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("{}", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void The_examples_of_the_RFC_hold(string start, string patch, string expected)
    {
        var outcome = Patching.Apply(PatchKind.Merge, PodResource.Type.Schema,
            JsonNode.Parse(start)!.AsObject(), Encoding.UTF8.GetBytes(patch));

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), outcome.Object), outcome.Object?.ToJsonString());
    }

    [Fact]
    public void A_patch_that_is_no_object_is_a_bad_request()
    {
        var outcome = Patching.Apply(PatchKind.Merge, PodResource.Type.Schema, [], "[1]"u8);

        Assert.Equal(PatchFaultKind.BadRequest, outcome.Fault!.Kind);
    }
}
