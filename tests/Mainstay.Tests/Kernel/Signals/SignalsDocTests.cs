using System.Text;
using Mainstay.Kernel.Signals;
using Mainstay.Tests.Architecture;

namespace Mainstay.Tests.Kernel.Signals;

/// <summary>The list in docs/signals.md is the catalogue, word by word.</summary>
public sealed class SignalsDocTests
{
    private const string Heading = "## The list";

    [Fact]
    public void The_list_in_the_docs_is_the_catalogue()
    {
        var path = SourceTree.Path("docs/signals.md");
        var text = File.ReadAllText(path);
        var head = text[..text.IndexOf("\n\n", text.IndexOf(Heading, StringComparison.Ordinal) + Heading.Length + 2,
            StringComparison.Ordinal)];
        var expected = $"{head}\n\n{List()}";
#pragma warning disable RS0030 // whether to rewrite is the word of the person who runs the tests
        if (Environment.GetEnvironmentVariable("MAINSTAY_REWRITE") == "1")
        {
            File.WriteAllText(path, expected);
        }
#pragma warning restore RS0030

        Assert.Equal(expected, File.ReadAllText(path));
    }

    private static string List()
    {
        var text = new StringBuilder();
        foreach (var signal in SignalCatalog.All)
        {
            text.Append($"### {signal.Name}\n\n{signal.Meaning}\n\n")
                .Append($"*{SignalsJson.Word(signal.Severity)}, promise {signal.Promise}.* ")
                .Append($"**What to do:** {signal.Advice}\n\n");
            if (signal.ExplainedBy.Length > 0)
            {
                text.Append("Explained by ")
                    .AppendJoin(", ", signal.ExplainedBy.Select(name => $"[{name}](#{name})"))
                    .Append(".\n\n");
            }
        }

        return text.ToString().TrimEnd() + "\n";
    }
}
