using System.Text.Json.Nodes;
using Mainstay.Kube;
using Mainstay.Restarts;
using Mainstay.Up;

namespace Mainstay.Tests.CommandLine.Restarts;

public sealed class ManifestStampTests
{
    private static readonly DateTimeOffset At = new(2017, 10, 27, 14, 26, 0, TimeSpan.Zero);

    private static readonly string Manifest = Up.StaticPods.Manifest(
        new StaticPod("api", "mainstay/mainstay:current") { Arguments = ["api", "--listen", "127.0.0.1:6443"] });

    [Fact]
    public void A_stamp_is_an_annotation_and_nothing_else_changes()
    {
        var stamped = ManifestStamp.Set(Manifest, At);

        Assert.Equal("2017-10-27T14:26:00.000Z", Stamp(stamped));
        var rest = stamped.Split('\n').Where(line =>
            line != "  annotations:" && !line.Contains(ManifestStamp.Annotation, StringComparison.Ordinal));
        Assert.Equal(Manifest.Split('\n'), rest);
    }

    [Fact]
    public void A_second_stamp_takes_the_place_of_the_first()
    {
        var stamped = ManifestStamp.Set(ManifestStamp.Set(Manifest, At), At.AddMinutes(1));

        Assert.Equal("2017-10-27T14:27:00.000Z", Stamp(stamped));
        Assert.Equal(1, stamped.Split(ManifestStamp.Annotation).Length - 1);
    }

    [Fact]
    public void Other_annotations_stay()
    {
        var other = Manifest.Replace(
            "metadata:\n", "metadata:\n  annotations:\n    a: 'b'\n", StringComparison.Ordinal);

        Assert.Equal("b", Annotations(ManifestStamp.Set(other, At))["a"]!.GetValue<string>());
        Assert.Equal("2017-10-27T14:26:00.000Z", Stamp(ManifestStamp.Set(other, At)));
    }

    [Fact]
    public void A_manifest_that_is_written_anew_keeps_the_stamp_so_that_nothing_restarts_by_it()
    {
        var stamped = ManifestStamp.Set(Manifest, At);

        Assert.Equal(stamped, ManifestStamp.Keep(Manifest, stamped));
        Assert.Equal(Manifest, ManifestStamp.Keep(Manifest, ""));
        Assert.Equal(Manifest, ManifestStamp.Keep(Manifest, Manifest));
    }

    private static string? Stamp(string manifest) =>
        Annotations(manifest)[ManifestStamp.Annotation]?.GetValue<string>();

    private static JsonNode Annotations(string manifest) => Yaml.ParseSingle(manifest)!["metadata"]!["annotations"]!;
}
