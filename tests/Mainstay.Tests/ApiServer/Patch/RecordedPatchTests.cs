using System.Text;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Patch;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;
using Mainstay.Tests.Architecture;

namespace Mainstay.Tests.ApiServer.Patch;

/// <summary>
/// What a real kube-apiserver 1.20.2 made of each patch of one Deployment (testdata/patched-1.20.2.json).
/// </summary>
public sealed class RecordedPatchTests
{
    private static readonly JsonNode Recorded = JsonNode.Parse(File.ReadAllText(
        SourceTree.Path("tests/Mainstay.Tests/ApiServer/testdata/patched-1.20.2.json")))!;

    public static TheoryData<string> Names => [.. Recorded["patches"]!.AsArray().Select(one => (string)one!["name"]!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_patch_does_what_a_real_API_server_makes_of_it(string name)
    {
        var recorded = Recorded["patches"]!.AsArray().Single(one => (string)one!["name"]! == name)!;
        var type = DeploymentResource.Type;
        var start = ObjectReader.Read(type.Expected, Recorded["start"]!.AsObject(), FieldValidation.Strict).Object!;

        var outcome = Patching.Apply(
            Patching.KindOf((string)recorded["type"]!)!.Value, type.Schema, start,
            Encoding.UTF8.GetBytes(recorded["patch"]!.ToJsonString()));

        Assert.True(outcome.Fault is null, outcome.Fault?.Message);
        var read = ObjectReader.Read(type.Expected, outcome.Object!, FieldValidation.Strict);
        Assert.Null(read.Error);
        Defaults.Apply(type.Schema, read.Object!);
        AssertSame(recorded["result"], read.Object!["spec"]);
        AssertSame(recorded["metadata"], read.Object!["metadata"]);
    }

    private static void AssertSame(JsonNode? expected, JsonNode? actual)
    {
        var (left, right) = (expected!.ToJsonString(), actual!.ToJsonString());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(left), JsonNode.Parse(right)),
            $"expected {left}\nactual {right}");
    }
}
