using System.Text.Json.Nodes;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;
using Mainstay.Tests.Architecture;

namespace Mainstay.Tests.ApiServer.Registry;

/// <summary>
/// What a real kube-apiserver 1.20.2 made of each body (testdata/created-1.20.2.json, recorded with dryRun=All and
/// without what its admission plugins and allocators add): the object with its defaults, or the causes of the refusal.
/// Ours must say the same; where "ours" stands beside "causes", the real one names the wrong place or less than it
/// could.
/// </summary>
public sealed class RecordedCreationTests
{
    public static TheoryData<string> Names => [.. Cases().Select(one => (string)one["name"]!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_object_is_completed_or_refused_as_a_real_API_server_does_it(string name)
    {
        var recorded = Cases().Single(one => (string)one["name"]! == name);

        var body = recorded["body"]!.AsObject();
        var type = ResourceTable.FindKind((string)body["apiVersion"]!, (string)body["kind"]!)!;
        var (value, errors) = Create(type, body);

        if (recorded["object"] is { } completed)
        {
            Assert.Empty(errors.All);
            Assert.Equal(Sorted(completed), Sorted(value));
            return;
        }

        var expected = (recorded["ours"] ?? recorded["causes"])!.AsArray().Select(cause => (string)cause!).Order();
        var actual = errors.All.Select(error => error.ToString()).Distinct().Order();
        Assert.Equal(expected, actual.Zip(expected, Mask));
        Assert.Equal(expected.Count(), actual.Count());
        if (recorded["message"] is { } message)
        {
            Assert.Equal(
                (string)message!,
                Mask($"{type.QualifiedKind} \"{value.TextIn("metadata", "name")}\" is invalid: {errors.Summary()}",
                    (string)message!));
        }
    }

    /// <summary>Go's dump of a struct is recorded as "...": ours shows the value as JSON.</summary>
    private static string Mask(string actual, string expected)
    {
        var parts = expected.Split("...");
        return parts.Length == 2
            && actual.StartsWith(parts[0], StringComparison.Ordinal)
            && actual.EndsWith(parts[1], StringComparison.Ordinal)
            ? expected
            : actual;
    }

    private static IEnumerable<JsonObject> Cases() => JsonNode.Parse(File.ReadAllText(
        SourceTree.Path("tests/Mainstay.Tests/ApiServer/testdata/created-1.20.2.json")))!.AsArray()
        .Select(one => one!.AsObject());

    private static (JsonObject Value, FieldErrors Errors) Create(ResourceType type, JsonObject body)
    {
        var read = ObjectReader.Read(type.Expected, body, FieldValidation.Strict);
        Assert.Null(read.Error);
        var value = read.Object!;
        if (type.IsNamespaced)
        {
            value.Ensure("metadata")["namespace"] = "default";
        }

        Defaults.Apply(type.Schema, value);
        type.PrepareForCreate(value);
        return (value, type.ValidateForCreate(value));
    }

    private static string Sorted(JsonNode? node) => (node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => KeyValuePair.Create(pair.Key, JsonNode.Parse(Sorted(pair.Value))))),
        JsonArray list => new JsonArray([.. list.Select(item => JsonNode.Parse(Sorted(item)))]),
        _ => node?.DeepClone(),
    })?.ToJsonString(GoText.Plain) ?? "null";
}
