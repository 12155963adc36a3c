using System.Text.RegularExpressions;

namespace Mainstay.Tests.Architecture;

/// <summary>docs/metrics.md lists what the source exports, no less and no more.</summary>
public sealed partial class MetricsDocTests
{
    private static readonly string Doc = File.ReadAllText(SourceTree.Path("docs/metrics.md"));

    [Fact]
    public void Every_metric_of_the_source_stands_in_the_docs()
    {
        var unlisted = Sources().SelectMany(text => Name().Matches(text)).Select(match => match.Groups[1].Value)
            .Where(name => !name.EndsWith('_') && !name.EndsWith("_bucket", StringComparison.Ordinal))
            .Distinct()
            .Where(name => !Doc.Contains($"`{name}`", StringComparison.Ordinal));

        Assert.Empty(unlisted);
    }

    [Fact]
    public void Every_metric_of_the_docs_stands_in_the_source()
    {
        var source = string.Join('\n', Sources());
        var gone = Listed().Matches(Doc).Select(match => match.Groups[1].Value)
            .Where(name => !source.Contains(name, StringComparison.Ordinal));

        Assert.Empty(gone);
    }

    private static IEnumerable<string> Sources() =>
        SourceTree.Files(".cs", "src").Select(file => File.ReadAllText(SourceTree.Path(file)));

    [GeneratedRegex("\"((?:mainstay|etcd|apiserver)_[a-z0-9_]+)\"")]
    private static partial Regex Name();

    [GeneratedRegex("`((?:mainstay|etcd|apiserver)_[a-z0-9_]+)`")]
    private static partial Regex Listed();
}
