using System.Globalization;
using System.Text;
using Mainstay.Kernel.Signals;
using Mainstay.Tests.Architecture;

namespace Mainstay.Tests.Kernel.Signals;

/// <summary>deploy/prometheus/rules.yml has one alert for each signal of the catalogue, with its own words.</summary>
public sealed class AlertRulesTests
{
    private const string Begin =
        "  # From the catalogue of signals: MAINSTAY_REWRITE=1 before the unit tests writes it anew.\n";
    private const string End = "  # End of what is from the catalogue.\n";

    /// <summary>
    /// Names that are known elsewhere and mean the same, and those that read better than the signal's.
    /// </summary>
    private static readonly Dictionary<string, string> Known = new()
    {
        ["no-quorum"] = "etcdInsufficientMembers",
        ["crash-loop"] = "KubePodCrashLooping",
        ["rollout-stuck"] = "KubeDeploymentRolloutStuck",
        ["node-agent-lost"] = "KubeNodeUnreachable",
        ["api-server-down"] = "KubeAPIInstanceUnreachable",
        ["object-quarantined"] = "DiscoveryObjectRejected",
        ["restart-unproven"] = "RouterRestartUnproven",
    };

    [Fact]
    public void The_rule_file_has_the_alerts_of_the_catalogue()
    {
        var path = SourceTree.Path("deploy/prometheus/rules.yml");
        var text = File.ReadAllText(path);
        var from = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var to = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(from >= Begin.Length && to > 0, "the marks are gone");
        var expected = text[..from] + Rules() + text[to..];
#pragma warning disable RS0030 // whether to rewrite is the word of the person who runs the tests
        if (Environment.GetEnvironmentVariable("MAINSTAY_REWRITE") == "1")
        {
            File.WriteAllText(path, expected);
        }
#pragma warning restore RS0030

        Assert.Equal(expected, File.ReadAllText(path));
    }

    [Fact]
    public void Each_alert_has_a_name_of_its_own()
    {
        var names = SignalCatalog.All.Select(NameOf).ToList();

        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(names, name => Assert.Matches("^[A-Za-z]+$", name));
    }

    private static string Rules()
    {
        var text = new StringBuilder("  - name: mainstay-signals\n    interval: 5s\n    rules:\n");
        foreach (var signal in SignalCatalog.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"      - alert: {NameOf(signal)}\n")
                .Append("        expr: max by (signal, subject) ")
                .Append(CultureInfo.InvariantCulture, $"(mainstay_signal_active{{signal=\"{signal.Name}\"}}) == 1\n")
                .Append(CultureInfo.InvariantCulture, $"        for: {For(signal)}\n")
                .Append("        labels:\n")
                .Append(CultureInfo.InvariantCulture, $"          severity: {SignalsJson.Word(signal.Severity)}\n")
                .Append("        annotations:\n")
                .Append("          summary: ").Append(Quoted(signal.Meaning)).Append('\n')
                .Append("          description: ").Append(Quoted(
                    $"{{{{ $labels.subject }}}}: {signal.Advice}")).Append('\n')
                .Append(CultureInfo.InvariantCulture, $"          runbook_url: docs/signals.md#{signal.Name}\n");
        }

        return text.ToString();
    }

    private static string NameOf(SignalDefinition signal) => Known.TryGetValue(signal.Name, out var name)
        ? name
        : string.Concat(signal.Name.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    /// <summary>Signals do not flap, so that a page need not wait; what nobody must act on may settle first.</summary>
    private static string For(SignalDefinition signal) => signal.Severity == Severity.Critical ? "0s" : "20s";

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
