using Mainstay.Drills.Observation;

namespace Mainstay.Tests.Drills.Observation;

public sealed class ReadersTests
{
    [Fact]
    public void A_root_and_what_it_explains_are_told_apart()
    {
        const string json = """
            {"verdict":"x","roots":[{"title":"2 routers stale","subjects":["router/node-1","router/node-2"],
            "name":"discovery-stale","severity":"critical","subject":"router/node-1","summary":"s","advice":"a",
            "evidence":{"via":"api/127.0.0.1:5001"},
            "explains":[{"subjects":["service/bank/accounts"],"name":"service-failing","severity":"critical"}]}]}
            """;

        var seen = SignalReader.Read(json);

        Assert.Equal(
            [("discovery-stale", "router/node-1", true), ("discovery-stale", "router/node-2", true),
                ("service-failing", "service/bank/accounts", false)],
            seen.Select(signal => (signal.Name, signal.Subject, signal.IsRoot)));
        Assert.Contains("127.0.0.1:5001", seen[0].About, StringComparison.Ordinal);
        Assert.DoesNotContain("service-failing", seen[0].About, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"roots":null}""")]
    public void A_report_without_roots_has_no_signals(string json)
    {
        Assert.Empty(SignalReader.Read(json));
    }

    [Fact]
    public void A_report_of_the_customers_is_read_by_journey()
    {
        const string json = """
            {"run":"r","journeys":[{"journey":"transfer","sent":9,"succeeded":6,"refused":1,"failedAttempts":2,
            "pending":1,"shed":0,"p50Milliseconds":3.5}]}
            """;

        var totals = Assert.Single(BankReader.Totals(json));

        Assert.Equal((9, 7, 2, 1), (totals.Sent, totals.Answered, totals.FailedAttempts, totals.Pending));
    }

    [Fact]
    public void A_verification_counts_what_is_lost_and_doubled()
    {
        var money = BankReader.Money(
            """{"accepted":5,"booked":4,"missing":["a"],"doubled":["b","c"],"altered":[],"sound":false}""");

        Assert.Equal((5, 4, 1, 2, 0, ""), (
            money.Accepted, money.Booked, money.Lost, money.Doubled, money.Altered, money.Reason));
        Assert.False(BankReader.Money("{}").IsSound);
    }
}
