using System.Collections.Immutable;
using Mainstay.ConsoleSite.Cluster;
using Mainstay.ConsoleSite.Overview;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kernel.Signals;

namespace Mainstay.Tests.ConsoleSite.Overview;

public sealed class SignalVerdictsTests
{
    [Fact]
    public void The_sentence_is_that_of_the_signals_and_the_root_leads_the_findings()
    {
        var page = SignalVerdicts.Add(Given.Page(), Report(Given.Now, SignalCatalog.ApiCacheStale));

        Assert.Equal((Health.Bad, "the verdict"), (page.Verdict.Health, page.Sentence));
        Assert.Equal("api-cache-stale", page.Findings[0].State.Word);
    }

    [Fact]
    public void Figures_that_see_worse_than_any_signal_lead()
    {
        var down = Given.Page(Given.Cluster with { Services = [Given.Service("payments", 2, 0)] });

        var page = SignalVerdicts.Add(down, Report(Given.Now, SignalCatalog.PartSilent));

        Assert.Equal(down.Sentence, page.Sentence);
        Assert.Contains(page.Findings, finding => finding.State.Word == "part-silent");
        Assert.Equal(Health.Bad, page.Findings[0].State.Health);
    }

    [Fact]
    public void Signals_that_are_old_or_only_worth_knowing_say_nothing()
    {
        var page = Given.Page();

        Assert.Same(page, SignalVerdicts.Add(page, Report(Given.Now.AddSeconds(-11), SignalCatalog.ApiCacheStale)));
        Assert.Same(page, SignalVerdicts.Add(page, Report(Given.Now, SignalCatalog.MembershipChanged)));
        Assert.Same(page, SignalVerdicts.Add(page, null));
    }

    internal static SignalReport Report(DateTimeOffset at, params SignalDefinition[] definitions)
    {
        ImmutableArray<Signal> signals =
            [.. definitions.Select(one => new Signal(one, "router/node-1", at, new SignalReading("it is so.")))];
        var roots = signals.Select(signal => new SignalRoot(new SignalRow(signal.Definition, [signal], null), [], []));
        return new SignalReport("the verdict", at, false, [.. roots], [], []) { Signals = signals };
    }
}

public sealed class JourneyTests
{
    [Fact]
    public void A_journey_is_as_its_worst_service_and_the_draft_names_no_machine()
    {
        var services = Given.Page(Given.Cluster with
        {
            Services =
            [
                Given.Service("gateway") with { Journeys = ["card-payments", "transfers", "app"] },
                Given.Service("payments", 2, 0) with { Journeys = ["card-payments", "transfers"] },
            ],
        }).Services;

        var journeys = Journey.Of(services);

        Assert.Equal(
            [("App", Health.Good), ("Card payments", Health.Bad), ("Transfers", Health.Bad)],
            journeys.Select(journey => (journey.Name, journey.State.Health)));
        Assert.Equal(
            "We are seeing problems with card payments and transfers and are looking into it. "
            + "App: not affected as far as we see. We will say more within 20 minutes.",
            Journey.Draft(journeys));
    }

    [Fact]
    public void A_journey_of_which_nothing_fresh_is_known_is_not_called_well()
    {
        var services = Given.Page(Given.Cluster with
        {
            FromDisk = true,
            Services = [Given.Service("gateway") with { Journeys = ["app"] }],
        }).Services;

        Assert.Equal(Health.Unknown, Assert.Single(Journey.Of(services)).State.Health);
    }
}

public sealed class DiscoveryTests
{
    private static readonly Freshness Fresh = new(Given.Now, true, 10, null);

    [Fact]
    public void Each_layer_is_as_its_worst_hop_which_is_named()
    {
        var report = SignalVerdictsTests.Report(Given.Now) with
        {
            Hops =
            [
                new Hop("api/https://a", "store", 9, TimeSpan.FromSeconds(0.5)),
                new Hop("router/node-1", "api/https://a", 9, TimeSpan.FromSeconds(0.6)),
                new Hop("router/node-2", "api/https://a", 3, TimeSpan.FromSeconds(12)),
            ],
        };

        var discovery = Discovery.Of(Given.Page(), report, Fresh);

        Assert.Equal(
            ["takes writes", "fresh", "stale", "not proven"], discovery.Layers.Select(layer => layer.State.Word));
        Assert.Equal("router/node-2 by api/https://a saw sequence 3", discovery.Layers[2].Worst);
        Assert.Equal(["fresh", "stale"], discovery.Cells.Select(cell => cell.State.Word));
    }

    [Fact]
    public void Old_reports_prove_nothing()
    {
        var report = SignalVerdictsTests.Report(Given.Now) with
        {
            Hops = [new Hop("router/node-1", "", 9, TimeSpan.Zero)],
        };

        var discovery = Discovery.Of(Given.Page(), report, Fresh with { Fresh = false });

        Assert.All(discovery.Layers, layer => Assert.Equal(Health.Unknown, layer.State.Health));
        Assert.All(discovery.Cells, cell => Assert.Equal(Health.Unknown, cell.State.Health));
    }
}
