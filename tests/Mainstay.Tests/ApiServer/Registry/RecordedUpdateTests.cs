using System.Text.Json.Nodes;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;
using Mainstay.Tests.Architecture;

namespace Mainstay.Tests.ApiServer.Registry;

/// <summary>
/// What a real kube-apiserver 1.20.2 made of each update (testdata/updated-1.20.2.json): the object as stored, or the
/// causes of the refusal. Where it shows a Go value or a diff, "..." is recorded.
/// </summary>
public sealed class RecordedUpdateTests
{
    private static readonly JsonArray Recorded = JsonNode.Parse(File.ReadAllText(
        SourceTree.Path("tests/Mainstay.Tests/ApiServer/testdata/updated-1.20.2.json")))!.AsArray();

    public static TheoryData<string> Names => [.. Recorded.Select(one => (string)one!["name"]!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_update_is_taken_or_refused_as_a_real_API_server_does_it(string name)
    {
        var recorded = Recorded.Single(one => (string)one!["name"]! == name)!;
        var old = Read(recorded["old"]!);
        var next = Read(recorded["next"]!);
        var type = ResourceTable.FindKind(old.TextIn("apiVersion"), old.TextIn("kind"))!;

        Defaults.Apply(type.Schema, next);
        FieldErrors errors;
        if ((string)recorded["subresource"]! == "status")
        {
            type.PrepareForStatusUpdate(next, old);
            errors = type.ValidateForStatusUpdate(next, old);
        }
        else
        {
            type.PrepareForUpdate(next, old);
            errors = type.ValidateForUpdate(next, old);
        }

        var expected = (recorded["causes"]?.AsArray() ?? []).Select(cause => ((string)cause!).Split("...")).ToList();
        var actual = errors.All.Select(error => error.ToString()).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(expected.Count, actual.Count);
        Assert.All(actual.Zip(expected), pair =>
        {
            Assert.StartsWith(pair.Second[0], pair.First, StringComparison.Ordinal);
            Assert.EndsWith(pair.Second[^1], pair.First, StringComparison.Ordinal);
        });
        if (recorded["result"] is { } result)
        {
            Assert.True(JsonNode.DeepEquals(Read(result), Read(next)), $"{Read(result)}\n{Read(next)}");
        }
    }

    private static JsonObject Read(JsonNode value)
    {
        var type = ResourceTable.FindKind(value.TextIn("apiVersion"), value.TextIn("kind"))!;
        var read = ObjectReader.Read(type.Expected, value.AsObject(), FieldValidation.Strict);
        Assert.Null(read.Error);
        return read.Object!;
    }
}
