using System.Text.Json.Nodes;
using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Registry;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.ApiServer.Printing;

public sealed class TableRendererTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly TableRenderer _renderer = new(new FakeTimeProvider(Now));

    [Fact]
    public void Restarts_tell_how_many_and_when_last()
    {
        var pod = JsonNode.Parse("""
            {"metadata":{"name":"p","creationTimestamp":"2026-01-02T03:00:00Z"},"spec":{"containers":[{},{}]},
             "status":{"phase":"Running","containerStatuses":[
              {"restartCount":1,"lastState":{"terminated":{"finishedAt":"2026-01-02T03:03:05Z"}}},
              {"restartCount":2,"lastState":{"terminated":{"finishedAt":"2026-01-02T02:04:05Z"}}}]}}
            """)!.AsObject();

        var cells = _renderer.Render(PodResource.Type, [pod], [], IncludedObject.None)["rows"]![0]!["cells"]!;

        Assert.Equal("3 (60s ago)", (string?)cells[3]);
        Assert.Equal("4m5s", (string?)cells[4]);
    }

    [Fact]
    public void A_row_carries_the_metadata_the_object_or_nothing()
    {
        var value = JsonNode.Parse("""{"kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"b"}}""")!.AsObject();

        JsonNode? Carried(IncludedObject included) =>
            _renderer.Render(ConfigMapResource.Type, [value], [], included)["rows"]![0]!["object"];

        Assert.Null(Carried(IncludedObject.None));
        Assert.True(JsonNode.DeepEquals(value, Carried(IncludedObject.Object)));
        Assert.Equal(
            """{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"c"}}""",
            Carried(IncludedObject.Metadata)!.ToJsonString());
    }

    [Theory]
    [InlineData(-5, "<invalid>")]
    [InlineData(-1, "0s")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(135, "2m15s")]
    [InlineData(600, "10m")]
    [InlineData(10799, "179m")]
    [InlineData(10800, "3h")]
    [InlineData(12000, "3h20m")]
    [InlineData(28800, "8h")]
    [InlineData(172799, "47h")]
    [InlineData(172800, "2d")]
    [InlineData(180000, "2d2h")]
    [InlineData(691200, "8d")]
    [InlineData(63072000, "2y")]
    [InlineData(66000000, "2y33d")]
    [InlineData(260000000, "8y")]
    public void An_age_has_at_most_two_units(long seconds, string text)
    {
        Assert.Equal(text, Ages.Short(TimeSpan.FromSeconds(seconds)));
    }

    [Fact]
    public void An_object_without_a_time_has_no_known_age()
    {
        Assert.Equal("<unknown>", Ages.Since("", Now));
    }
}
