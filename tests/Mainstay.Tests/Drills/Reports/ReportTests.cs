using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Mainstay.Drills.Reports;
using Mainstay.Drills.Timeline;
using Mainstay.Drills.Verdicts;

namespace Mainstay.Tests.Drills.Reports;

public sealed class ReportTests
{
    public static TheoryData<bool> BothModes => [true, false];

    [Theory]
    [MemberData(nameof(BothModes))]
    public void The_chart_is_well_formed_and_has_a_row_for_each_journey(bool isProtected)
    {
        var chart = XDocument.Parse(JourneyChart.Svg(Run(isProtected)));

        var texts = chart.Descendants().Where(node => node.Name.LocalName == "text")
            .Select(text => text.Value).ToList();
        Assert.All(Journey.All, journey => Assert.Contains(journey.Title, texts));
        Assert.Contains("4", texts); // the number of the last step
        Assert.Equal(
            isProtected, chart.Descendants().Where(node => (string?)node.Attribute("class") == "failed")
                .All(path => (string?)path.Attribute("d") == ""));
    }

    [Theory]
    [MemberData(nameof(BothModes))]
    public void The_page_has_every_table_no_script_and_loads_nothing(bool isProtected)
    {
        var (record, checks) = Judged(isProtected);
        var html = HtmlReport.Of(record, checks);

        Assert.All(Tables.Of(record, checks), table => Assert.Contains($">{table.Caption}</h2>", html));
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", html, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", html, StringComparison.Ordinal);
        Assert.Contains("The outage &lt;of&gt; a bank.", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_has_the_same_tables_and_a_bar_in_a_cell_does_not_break_its_row()
    {
        var (record, checks) = Judged(isProtected: true);
        var text = MarkdownReport.Of(record, checks, "run.svg");

        Assert.All(Tables.Of(record, checks), table => Assert.Contains($"## {table.Caption}", text));
        Assert.Contains("![Success of each journey over the drill](run.svg)", text, StringComparison.Ordinal);
        Assert.Contains("refused \\| by the guard", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_miss_is_said_first_and_a_hit_by_its_mode()
    {
        var (run, checks) = Judged(isProtected: true);

        Assert.Equal("The whole story happened, and no customer noticed.", Headline.Verdict(run, checks));
        Assert.StartsWith(
            "Not as expected: 1 of", Headline.Verdict(run, [.. checks.Skip(1), new Check("x", false, "y")]));
    }

    [Fact]
    public void The_journal_has_the_shape_of_chaos_toolkit()
    {
        var (record, checks) = Judged(isProtected: false);
        var journal = JsonNode.Parse(JournalJson.Of(record, checks))!;

        Assert.Equal("completed", journal["status"]!.ToString());
        Assert.False((bool)journal["deviated"]!);
        Assert.True((bool)journal["steady_states"]!["before"]!["steady_state_met"]!);
        Assert.Equal(record.Steps.Length, journal["run"]!.AsArray().Count);
        Assert.Equal("deploy", journal["run"]![0]!["activity"]!["name"]!.ToString());
        Assert.Equal(5, journal["experiment"]!["steady-state-hypothesis"]!["probes"]!.AsArray().Count);
        Assert.Equal(100, journal["mainstay"]!["samples"]!.AsArray().Count);
    }

    [Fact]
    public void A_fault_that_nobody_named_is_said_to_be_so()
    {
        var record = SampleRuns.Protected with { Signals = [] };

        var roots = Tables.Of(record, []).Single(table => table.Caption == "Time to the right root");

        Assert.Contains("never", Assert.Single(roots.Rows));
        Assert.Contains(("never", "longest time to the right root"), Headline.Figures(record));
    }

    private static DrillRecord Run(bool isProtected) => isProtected ? SampleRuns.Protected : SampleRuns.Unprotected;

    private static (DrillRecord Record, ImmutableArray<Check> Checks) Judged(bool isProtected) =>
        (Run(isProtected), MonzoVerdict.Of(Run(isProtected)));
}
