using Mainstay.Kernel;
using Mainstay.Router;

namespace Mainstay.Tests.Router;

public sealed class RouterArgumentsTests
{
    [Fact]
    public void Words_become_options()
    {
        var options = RouterArguments.Parse(
        [
            "--node", "node-1", "--table=t.json", "--listen", "127.0.0.1:4140, " +
                "127.17.0.1:4140", "--admin", "127.0.0.1:9990",
            "--agent", "http://127.17.0.1:10250", "--threads", "2", "--try-timeout", "2.5", "--break-on-5xx",
        ]);

        Assert.Equal(("node-1", "t.json", 2), (options.Node, options.TableFile, options.Threads));
        Assert.Equal(["127.0.0.1:4140", "127.17.0.1:4140"], options.Listen.Select(endpoint => endpoint.ToString()));
        Assert.Equal(TimeSpan.FromSeconds(2.5), options.TryTimeout);
        Assert.True(options.BreakOnServerErrors);
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var fault = Assert.Throws<StartException>(() => RouterArguments.Parse(
            ["--listen", "4140", "--threads", "many", "--speed", "9", "--agent", "nowhere", "--try-timeout", "soon",
                "--node"]));

        Assert.Equal(ExitCodes.Usage, fault.ExitCode);
        foreach (var word in new[] { "\"4140\" is no IP:PORT", "\"many\"", "--speed", "\"nowhere\"", "\"soon\"",
            "--node" })
        {
            Assert.Contains(word, fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_missing_is_told_too()
    {
        var fault = Assert.Throws<StartException>(() => RouterArguments.Parse(["--threads", "0"]));

        foreach (var word in new[] { "--listen", "--kubeconfig", "--threads" })
        {
            Assert.Contains(word, fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Protections_are_taken_away_by_name_and_all_by_one_word()
    {
        Assert.Equal(["tolerance", "brake"], Off("brake,tolerance"));
        Assert.Equal(["tolerance", "snapshot", "freshness", "brake", "fallback"], Off("all"));
        Assert.Empty(RouterArguments.Parse(["--table=t", "--listen=127.0.0.1:1"]).Protections.Off);

        static IEnumerable<string> Off(string names) =>
            RouterArguments.Parse(["--table=t", "--listen=127.0.0.1:1", "--without", names]).Protections.Off;
    }

    [Fact]
    public void A_protection_that_is_unknown_is_told_with_those_that_there_are()
    {
        var fault = Assert.Throws<StartException>(() =>
            RouterArguments.Parse(["--table=t", "--listen=127.0.0.1:1", "--without", "brake,seatbelt"]));

        Assert.Contains("\"seatbelt\" is no protection; there are tol", fault.Message, StringComparison.Ordinal);
    }
}
