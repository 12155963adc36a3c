using System.Collections.Immutable;
using Bunit;
using Mainstay.ConsoleSite.Changes;
using Mainstay.ConsoleSite.Overview;
using Mainstay.ConsoleSite.Pages;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kernel.Signals;
using Mainstay.Tests.ConsoleSite.Overview;
using static Mainstay.Tests.ConsoleSite.Signals.Raised;

namespace Mainstay.Tests.ConsoleSite.Pages;

/// <summary>A store that grew a fortnight ago, and a deploy of a moment ago.</summary>
public sealed class ChangesPageTests : BunitContext
{
    private static readonly ImmutableArray<Change> Fortnight =
    [
        Made("Deployment", "accounts", ChangeWords.Deploy, Given.Now.AddMinutes(-1)),
        Made("StoreMember", "etcd-4", ChangeWords.MemberAdded, Given.Now.AddDays(-13.9)),
    ];

    [Fact]
    public void While_nothing_is_wrong_the_newest_come_first_and_nothing_is_ranked()
    {
        var page = Page([]);

        Assert.Equal(["deploy", "member-added"], Whats(page));
        Assert.Empty(page.FindAll(".score"));
    }

    [Fact]
    public void While_a_symptom_is_open_its_suspects_come_first_with_the_reason()
    {
        var page = Page([At(SignalCatalog.DiscoveryStale, "router/node-1", 1)]);

        Assert.Equal(["member-added", "deploy"], Whats(page));
        var reason = page.Find(".long").TextContent;
        Assert.Contains("touches the store, under everything", reason, StringComparison.Ordinal);
        Assert.Equal("discovery-stale", page.Find("select[name=for] option[selected]").GetAttribute("value"));
        Assert.Contains("mainstay changes --for discovery-stale", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void The_order_is_that_of_the_command_line_for_the_same_symptom()
    {
        var page = Page([At(SignalCatalog.DiscoveryStale, "router/node-1", 1)]);

        var lines = ChangeAnswer.LinesOf(Fortnight, "discovery-stale", Given.Now);
        Assert.Equal(lines.Select(line => line.Change.What), Whats(page));
    }

    [Fact]
    public void A_service_that_fails_is_a_symptom_by_its_name_and_its_own_deploy_comes_first()
    {
        var page = Page([At(SignalCatalog.ServiceFailing, "service/bank/accounts", 1)]);

        Assert.Equal(["deploy", "member-added"], Whats(page));
        Assert.Equal("bank/accounts", page.Find("select[name=for] option[selected]").GetAttribute("value"));
    }

    [Fact]
    public void A_reader_may_have_the_newest_first_while_something_is_wrong()
    {
        var page = Page([At(SignalCatalog.DiscoveryStale, "router/node-1", 1)], ChangesPage.ByTime);

        Assert.Equal(["deploy", "member-added"], Whats(page));
        Assert.Contains(
            page.FindAll("select[name=for] option"), option => option.GetAttribute("value") == "discovery-stale");
    }

    [Fact]
    public void What_is_only_worth_knowing_is_no_symptom()
    {
        var page = Page([At(SignalCatalog.MembershipChanged, "store", 1)]);

        Assert.Empty(page.FindAll(".score"));
    }

    [Fact]
    public void A_symptom_in_the_address_cannot_become_markup()
    {
        var page = Page([], "<script>x</script>");

        Assert.Empty(page.FindAll("script"));
        Assert.Contains("which does not hold now", page.Markup, StringComparison.Ordinal);
    }

    private IRenderedComponent<ChangesPage> Page(ImmutableArray<Signal> signals, string order = "")
    {
        var report = SignalReport.Of(new CollectedSignals(Given.Now, Map(RouterOn(1), Api), signals, [], []));
        var home = new Home(
            Given.Page(), "https://x", report, IncidentsNow.None, new ChangesNow(Fortnight, Given.Now, null));
        return Render<ChangesPage>(page => page
            .Add(one => one.Home, home)
            .Add(one => one.Around, Frame.Of(home, "Changes", "Changes", "/changes"))
            .Add(one => one.For, order));
    }

    private static IEnumerable<string> Whats(IRenderedComponent<ChangesPage> page) =>
        page.FindAll(".changes tbody th").Select(cell => cell.TextContent);

    private static Change Made(string kind, string name, string what, DateTimeOffset at) => new()
    {
        At = at, Kind = kind, Name = name, What = what, Key = $"{kind}/{name}",
        Source = kind == "Deployment" ? "kubernetes" : "store",
        Namespace = kind == "Deployment" ? "bank" : "",
    };
}
