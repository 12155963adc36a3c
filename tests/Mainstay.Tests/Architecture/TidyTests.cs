using System.Text.RegularExpressions;

namespace Mainstay.Tests.Architecture;

/// <summary>The house style, as far as a program can check it. The rules are in <see cref="Tidy"/>.</summary>
public sealed partial class TidyTests
{
    private static readonly string[] Code = ["src", "samples", "tests", "benchmarks"];

    /// <summary>Methods that were longer than the rule when they were written. The list may only shrink.</summary>
    private static readonly HashSet<string> LongMethods = [];

    [Fact]
    public void Files_hold_one_concept_and_lines_fit()
    {
        Assert.Empty(SourceTree.Files(".cs", Code).SelectMany(file => Tidy.Lines(file, Read(file))));
    }

    [Fact]
    public void Methods_are_short_and_take_few_parameters()
    {
        var faults = SourceTree.Files(".cs", "src", "samples")
            .SelectMany(file => Tidy.Methods(file, Read(file)))
            .Where(fault => !LongMethods.Contains(fault.Split(':')[0]));

        Assert.Empty(faults);
    }

    [Fact]
    public void Who_calls_over_HTTP_says_whether_a_proxy_may_be_in_between()
    {
        Assert.Empty(SourceTree.Files(".cs", "src").SelectMany(file => Tidy.Proxies(file, Read(file))));
    }

    [Fact]
    public void Type_names_come_from_the_domain()
    {
        Assert.Empty(SourceTree.Files(".cs", "src", "samples").SelectMany(file => Tidy.Names(file, Read(file))));
    }

    [Fact]
    public void Tests_are_named_as_sentences_and_none_is_left_out()
    {
        Assert.Empty(SourceTree.Files(".cs", "tests").SelectMany(file => Tidy.TestNames(file, Read(file))));
    }

    [Fact]
    public void Unit_tests_stand_where_their_source_stands()
    {
        var strays = Directory.GetDirectories(SourceTree.Path("tests/Mainstay.Tests"))
            .Select(folder => Path.GetFileName(folder))
            .Where(name => name is not ("bin" or "obj" or "Architecture" or "Bank" or "testdata" or "CommandLine"))
            .Where(name => !Directory.Exists(SourceTree.Path($"src/Mainstay.{name}")));

        Assert.Empty(strays);
    }

    [Fact]
    public void Paths_named_in_the_docs_exist()
    {
        var faults =
            from file in SourceTree.Files(".md", "docs").Append("README.md")
            where File.Exists(SourceTree.Path(file))
            from Match match in DocPath().Matches(Read(file))
            let path = match.Groups[1].Value
            where !path.Contains('*', StringComparison.Ordinal)
            where !File.Exists(SourceTree.Path(path)) && !Directory.Exists(SourceTree.Path(path))
            select $"{file} names {path}, which does not exist";

        Assert.Empty(faults);
    }

    [Fact]
    public void Tidy_finds_what_it_looks_for()
    {
        const string text = """
            namespace X;
            internal sealed class ThingManager
            {
                [Fact(Skip = "later")]
                public void It_Works() { }
                public async void Fire(int a, int b, int c, int d, int e) { _ = RunAsync(); }
            }
            """;

        Assert.Contains("#region", Assert.Single(Tidy.Lines("a.cs", "#" + "region r")), StringComparison.Ordinal);
        Assert.Contains("120", Assert.Single(Tidy.Lines("a.cs", new string('x', 121))), StringComparison.Ordinal);
        Assert.Contains("500", Assert.Single(Tidy.Lines("a.cs", new string('\n', 501))), StringComparison.Ordinal);
        Assert.Contains("ThingManager", Assert.Single(Tidy.Names("a.cs", text)), StringComparison.Ordinal);
        Assert.Equal(2, Tidy.TestNames("a.cs", text).Count());
        Assert.Equal(3, Tidy.Methods("a.cs", text).Count());
        const string clients = """
            class A
            {
                private readonly HttpClient _one = new() { };
                private readonly HttpClient _two = new(new SocketsHttpHandler { UseProxy = false });
                private readonly HttpClient _three = new(new SocketsHttpHandler { });
                private HttpClient Four() => new HttpClient();
            }
            """;
        Assert.Equal(3, Tidy.Proxies("a.cs", clients).Count());
    }

    private static string Read(string file) => File.ReadAllText(SourceTree.Path(file));

    [GeneratedRegex(@"`((?:src|tests|samples|docs|eng|benchmarks|deploy)/[A-Za-z0-9_./*-]+)`")]
    private static partial Regex DocPath();
}
