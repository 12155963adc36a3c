using Bunit;
using Mainstay.ConsoleSite.Checks;
using Mainstay.ConsoleSite.Pages;
using Mainstay.Tests.ConsoleSite.Overview;
using static Mainstay.Tests.ConsoleSite.Signals.Raised;

namespace Mainstay.Tests.ConsoleSite.Pages;

public sealed class ProofsPanelTests : BunitContext
{
    [Fact]
    public void Router_and_agent_of_a_node_stand_together_with_age_and_reason()
    {
        var panel = Panel(
            Given.Now.AddSeconds(-2),
            new PartProof(AgentOn(1), "unsafe", TimeSpan.FromSeconds(30), "bank/x: the image is gone"),
            new PartProof(RouterOn(1), "safe", TimeSpan.FromSeconds(61), ""));

        Assert.Equal(["router", "agent"], panel.FindAll("[data-label=Part]").Select(cell => cell.TextContent));
        Assert.Equal(["63 s", "32 s"], panel.FindAll("[data-label='Proof age']").Select(cell => cell.TextContent));
        Assert.Equal(["✓ safe", "✕ not safe"], panel.FindAll(".state").Select(cell => cell.TextContent));
        Assert.Contains("the image is gone", panel.Markup, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 0, "no answer")]
    [InlineData("unproven", 0, "unproven")]
    [InlineData("safe", 60, "not asked")]
    public void What_is_not_known_to_be_safe_now_is_not_green(string result, int askedSecondsAgo, string word)
    {
        var panel = Panel(
            Given.Now.AddSeconds(-askedSecondsAgo), new PartProof(AgentOn(1), result, TimeSpan.FromSeconds(1), "why"));

        Assert.Equal($"? {word}", panel.Find(".state").TextContent);
        Assert.Empty(panel.FindAll(".state-good"));
    }

    [Fact]
    public void A_router_with_an_address_of_its_own_is_asked_once_and_one_of_a_node_not_twice()
    {
        var fleet = Given.Fleet(Given.Router("node-1"), Given.Router("node-9"));

        var map = ProofWatch.Of(Map(RouterOn(1), AgentOn(1)), fleet);

        Assert.Equal(["router/node-1", "agent/node-1", "router/node-9"], map.Parts.Select(part => part.Subject));
    }

    private IRenderedComponent<ProofsPanel> Panel(DateTimeOffset askedAt, params PartProof[] proofs) =>
        Render<ProofsPanel>(panel => panel
            .Add(one => one.Proofs, new ProofsNow([.. proofs], askedAt))
            .Add(one => one.Now, Given.Now));
}
