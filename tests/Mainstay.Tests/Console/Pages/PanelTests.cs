using Bunit;
using Mainstay.ConsoleSite.Overview;
using Mainstay.ConsoleSite.Pages;
using Mainstay.Tests.ConsoleSite.Overview;

namespace Mainstay.Tests.ConsoleSite.Pages;

public sealed class PanelTests : BunitContext
{
    [Theory]
    [InlineData(Health.Good, "✓")]
    [InlineData(Health.Warning, "!")]
    [InlineData(Health.Bad, "✕")]
    [InlineData(Health.Unknown, "?")]
    [InlineData(Health.Idle, "–")]
    public void A_state_is_sign_word_and_colour(Health health, string sign)
    {
        var mark = Render<StateMark>(p => p.Add(m => m.State, new State(health, "so")));

        var element = mark.Find(".state");
        Assert.Contains($"state-{health.ToString().ToLowerInvariant()}", element.ClassList);
        Assert.Equal($"{sign} so", element.TextContent);
        Assert.Equal("true", mark.Find(".sign").GetAttribute("aria-hidden"));
    }

    [Fact]
    public void Fresh_data_carry_their_age_and_old_data_say_so_with_the_reason()
    {
        var fresh = RenderAge(new Freshness(Given.Now.AddSeconds(-3), true, 30, null));
        var old = RenderAge(new Freshness(Given.Now.AddMinutes(-5), false, 30, "refused"));
        var none = RenderAge(new Freshness(null, false, 30, "no router is known"));

        Assert.Equal("heard 3.0 s ago", fresh.Find(".age-fresh").TextContent.Trim());
        Assert.Equal("Old: heard 5 min ago refused", Words(old.Find(".age-old").TextContent));
        Assert.Equal("No data no router is known", Words(none.Find(".age-none").TextContent));
    }

    [Fact]
    public void A_services_row_shows_every_figure_with_its_label()
    {
        var panel = Render<ServicesPanel>(p => p.Add(m => m.Model, Given.Page()));

        var cells = panel.FindAll("tbody tr:nth-child(3) td").ToDictionary(
            cell => cell.GetAttribute("data-label") ?? "state", cell => Words(cell.TextContent));
        Assert.Equal("payments", panel.Find("tbody tr:nth-child(3) th").TextContent);
        Assert.Equal("✓ ready", cells["state"]);
        Assert.Equal(("2 of 2", "2", "20/s"), (cells["Ready"], cells["Routed"], cells["Rate"]));
        Assert.Equal(("100 %", "4.0 ms", "20 ms"), (cells["Success"], cells["p50"], cells["p95"]));
        Assert.Equal("Last 5 min: 20/s to 20/s, no errors", panel.Find("svg").GetAttribute("aria-label"));
    }

    [Fact]
    public void What_is_not_known_is_a_dash_and_nothing_is_green()
    {
        var page = Given.Page(
            Given.Cluster with { FromDisk = true }, Given.Fleet(Given.Router("node-1", answers: false)));

        var whole = Render<OverviewPage>(p => p.Add(m => m.Model, page));

        Assert.Empty(whole.FindAll(".state-good"));
        Assert.All(whole.FindAll("[data-label=Rate]"), cell => Assert.Equal("–", Words(cell.TextContent)));
        Assert.Equal(2, whole.FindAll("#services tbody tr:not(.group)").Count);
        Assert.All(whole.FindAll("#nodes [data-label='Lease age']"), cell => Assert.Contains("old", cell.ClassList));
    }

    [Fact]
    public void Nothing_known_yet_is_said_in_each_panel()
    {
        var page = Given.Page(new(), Given.Fleet());

        var whole = Render<OverviewPage>(p => p.Add(m => m.Model, page));

        Assert.Equal(
            [
                "None.", "No change is in the ledger.", "Nothing is known of any service yet.", "No router is known.",
                "Nothing is known of any node yet.",
            ],
            whole.FindAll(".empty").Select(element => element.TextContent));
    }

    [Fact]
    public void What_others_wrote_cannot_become_markup()
    {
        const string Evil = "<script>alert(1)</script>";
        var page = Given.Page(Given.Cluster with
        {
            Nodes = [Given.Node(Evil) with { Ready = "False", Reason = Evil, Zone = Evil }],
            Quarantined = [Evil],
        });

        var whole = Render<OverviewPage>(p => p.Add(m => m.Model, page).Add(m => m.Server, Evil));

        Assert.Single(whole.FindAll("script"));
        Assert.Contains(whole.FindAll("#nodes th"), cell => cell.TextContent == Evil);
    }

    [Fact]
    public void Routers_that_disagree_with_the_API_server_are_marked()
    {
        var cluster = Given.Cluster with { Services = [Given.Service("payments", 3, 3)] };

        var panel = Render<ServicesPanel>(p => p.Add(m => m.Model, Given.Page(cluster)));

        Assert.Contains("text-warning", panel.FindAll("[data-label=Routed]")[1].ClassList);
    }

    [Theory]
    [InlineData(0.99996, "99.99 %")]
    [InlineData(1.0, "100 %")]
    [InlineData(0.5, "50.0 %")]
    [InlineData(null, "–")]
    public void A_share_is_never_rounded_up(double? share, string text) => Assert.Equal(text, Figures.Percent(share));

    [Fact]
    public void A_sparkline_has_gaps_where_nobody_looked_and_tells_of_errors()
    {
        List<HistoryPoint?> points = [new(1, 0), null, new(2, 1), new(2, 0)];

        var drawing = SparklineDrawing.Of(points)!;

        Assert.Equal(2, drawing.Rate.Count);
        Assert.Contains("errors in 5 s of it", drawing.Label, StringComparison.Ordinal);
        Assert.Null(SparklineDrawing.Of([null, null]));
    }

    private IRenderedComponent<Age> RenderAge(Freshness freshness) =>
        Render<Age>(p => p.Add(a => a.Freshness, freshness).Add(a => a.Now, Given.Now));

    private static string Words(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
