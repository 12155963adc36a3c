using System.CommandLine;
using Mainstay.Commands;

namespace Mainstay.Tests.CommandLine;

public sealed class HelpTests
{
    private const int ColumnsMax = 200;

    [Fact]
    public async Task The_help_of_all_has_one_line_for_each_verb()
    {
        var help = (await HelpAsync()).Split('\n');

        foreach (var verb in Verbs.All())
        {
            var line = Assert.Single(help, line => line.StartsWith($"  {verb.Name} ", StringComparison.Ordinal));
            Assert.EndsWith(verb.Description!, line.TrimEnd(), StringComparison.Ordinal);
            Assert.True(line.Length <= ColumnsMax, line);
        }

        Assert.DoesNotContain(help, line => line.Contains("--try-timeout", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task The_help_of_the_router_has_every_word_that_it_takes(string word)
    {
        var help = await HelpAsync("router", word);

        Assert.Contains("--kubeconfig FILE", help, StringComparison.Ordinal);
        Assert.Contains("--try-timeout", help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_other_verb_tells_its_options_by_its_own_help()
    {
        foreach (var verb in Verbs.All().Where(verb => verb.Name != "router"))
        {
            var help = await HelpAsync(verb.Name, "--help");

            Assert.All(verb.Options, option => Assert.Contains(option.Name, help, StringComparison.Ordinal));
        }
    }

    private static async Task<string> HelpAsync(params string[] words)
    {
        var root = new RootCommand("All.");
        foreach (var verb in Verbs.All())
        {
            root.Subcommands.Add(verb);
        }

        await using var output = new StringWriter();
        var parsed = root.Parse(words.Length == 0 ? ["--help"] : words);
        await parsed.InvokeAsync(
            new InvocationConfiguration { Output = output }, TestContext.Current.CancellationToken);
        return output.ToString();
    }
}
