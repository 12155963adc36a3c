using System.Text;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Patch;
using Mainstay.ApiServer.Registry;

namespace Mainstay.Tests.ApiServer.Patch;

public sealed class PatchingTests
{
    /// <summary>Patches that are right; what is made of them by damage is the rest of the corpus.</summary>
    private static readonly string[] Corpus =
    [
        """[{"op":"add","path":"/spec/containers/-","value":{"name":"b"}},{"op":"test","path":"/a~1b","value":null}]""",
        """[{"op":"move","from":"/spec/containers/0","path":"/spec/containers/0"},{"op":"remove","path":"/spec"}]""",
        """[{"op":"copy","from":"/spec","path":"/spec/x"},{"op":"replace","path":"","value":{}}]""",
        """{"spec":{"containers":[{"name":"a","$patch":"delete"},{"name":"b","image":null}],"$retainKeys":["a"]}}""",
        """{"spec":{"$setElementOrder/containers":[{"name":"a"}],"containers":[{"name":"a","env":[{"name":"A"}]}]}}""",
        """{"metadata":{"$deleteFromPrimitiveList/finalizers":["x"],"finalizers":[1],"labels":{"$patch":"delete"}}}""",
    ];

    [Theory]
    [InlineData("application/json-patch+json", PatchKind.Json)]
    [InlineData("application/merge-patch+json", PatchKind.Merge)]
    [InlineData("application/strategic-merge-patch+json", PatchKind.StrategicMerge)]
    public void A_media_type_tells_the_kind_of_patch(string mediaType, object kind)
    {
        Assert.Equal(kind, Patching.KindOf(mediaType));
    }

    [Theory]
    [InlineData("application/apply-patch+yaml")]
    [InlineData("application/json")]
    [InlineData("")]
    public void Another_media_type_is_no_patch(string mediaType)
    {
        Assert.Null(Patching.KindOf(mediaType));
    }

    /// <summary>Seeded: whatever is sent, there is an object or a fault, and what was patched is as it was.</summary>
    [Fact]
    public void Damaged_patches_never_throw_and_never_touch_the_original()
    {
        const string start = """
            {"metadata":{"labels":{"a":"b"},"finalizers":["x","z"]},"spec":{"containers":[{"name":"a","image":"i"}]}}
            """;
        var current = JsonNode.Parse(start)!.AsObject();
        var before = current.ToJsonString();
        var random = new Random(14_10);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(Corpus[random.Next(Corpus.Length)]).ToList();
            for (var hits = random.Next(0, 4); hits > 0; hits--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(3))
                {
                    case 0: bytes.RemoveAt(at); break;
                    case 1: bytes.Insert(at, bytes[random.Next(bytes.Count)]); break;
                    default: bytes[at] = (byte)random.Next(256); break;
                }
            }

            var kind = (PatchKind)random.Next(3);
            var outcome = Patching.Apply(kind, PodResource.Type.Schema, current, bytes.ToArray());
            Assert.True(outcome.Object is null != outcome.Fault is null);
        }

        Assert.Equal(before, current.ToJsonString());
    }
}
