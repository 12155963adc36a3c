using System.Text.Json;
using Mainstay.ConsoleSite.Incidents;
using Mainstay.ConsoleSite.StatusPage;

namespace Mainstay.Tests.ConsoleSite.StatusPage;

public sealed class PlatformReadingTests
{
    [Fact]
    public void Contact_is_the_older_of_the_API_servers_and_the_routers_last_word()
    {
        Assert.Equal(new DateTimeOffset(2017, 10, 27, 13, 29, 58, TimeSpan.Zero), GivenPage.Overview().ContactAt);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"services":{"cluster":{"at":"2017-10-27T13:29:59Z"},"traffic":{"at":null},"rows":null}}""")]
    [InlineData("""{"services":{"traffic":{"at":"2017-10-27T13:29:59Z"},"rows":[{"state":7}]}}""")]
    public void Half_an_answer_is_no_contact_and_nothing_is_known(string text)
    {
        var reading = PlatformReading.Read(JsonDocument.Parse(text).RootElement);

        Assert.Null(reading.ContactAt);
        Assert.Empty(reading.Journeys);
    }

    [Theory]
    [InlineData("Good", "ready", "1", ComponentStatus.Operational)]
    [InlineData("Idle", "scaled to 0", "null", ComponentStatus.Operational)]
    [InlineData("Warning", "errors", "0.97", ComponentStatus.DegradedPerformance)]
    [InlineData("Bad", "failing", "0.8", ComponentStatus.PartialOutage)]
    [InlineData("Bad", "failing", "0.2", ComponentStatus.MajorOutage)]
    [InlineData("Bad", "down", "null", ComponentStatus.MajorOutage)]
    public void A_journey_is_as_its_customers_feel_it(
        string health, string word, string success, ComponentStatus status)
    {
        var row = $$"""
            {"journeys":["cards"],"state":{"health":"{{health}}","word":"{{word}}"},"success":{{success}}}
            """;

        Assert.Equal(status, GivenPage.Overview(row).Journeys["cards"]);
    }

    [Fact]
    public void A_journey_is_as_its_worst_service_and_not_known_while_one_of_them_is_not()
    {
        const string Good = """{"journeys":["cards"],"state":{"health":"Good"}}""";
        const string Bad = """{"journeys":["cards"],"state":{"health":"Bad","word":"down"}}""";
        const string Unknown = """{"journeys":["cards"],"state":{"health":"Unknown"}}""";

        Assert.Equal(ComponentStatus.MajorOutage, GivenPage.Overview(Good, Bad, Unknown).Journeys["cards"]);
        Assert.Empty(GivenPage.Overview(Good, Unknown).Journeys);
    }

    [Fact]
    public void Services_without_journeys_are_one_component_and_the_platforms_own_are_none()
    {
        var reading = GivenPage.Overview(
            """{"namespace":"bank","state":{"health":"Warning"}}""",
            """{"namespace":"kube-system","state":{"health":"Bad","word":"down"}}""");

        Assert.Equal(ComponentStatus.DegradedPerformance, Assert.Single(reading.Journeys).Value);
    }
}
