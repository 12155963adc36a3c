using Mainstay.Drills.Monzo2017;

namespace Mainstay.Tests.Drills.Monzo2017;

public sealed class FleetRestartTests
{
    [Fact]
    public void Hop_and_object_are_taken_from_whichever_refusal_names_them()
    {
        const string plan = """
            {"wouldGo":false,"refusals":[{"unit":"router/node-1","hop":"api/x","object":"","text":"One."},
            {"unit":"","hop":"","object":"EndpointSlice bank/y","text":"Two."}]}
            """;

        var refusal = FleetRestart.Read(1, plan, "");

        Assert.Equal((true, "api/x", "EndpointSlice bank/y"), (refusal.Refused, refusal.Hop, refusal.Object));
        Assert.Equal("One. Two.", refusal.Text);
    }

    [Fact]
    public void An_action_that_went_was_not_refused()
    {
        Assert.False(FleetRestart.Read(0, """{"outcome":"done","plan":{"refusals":[]}}""", "").Refused);
    }

    [Fact]
    public void A_failure_without_a_plan_keeps_its_words()
    {
        Assert.Equal("no such verb", FleetRestart.Read(2, "not json", "no such verb").Text);
    }
}
