namespace Mainstay.Tests.Bank.Feed;

public sealed class FeedServiceTests
{
    [Fact]
    public async Task A_feed_that_starts_anew_reads_the_ledger_again()
    {
        await using var bank = await BankUnderTest.StartAsync("ledger", "feed");
        await PayAsync(bank, "p-1");
        var before = await bank.GetAsync("feed/feed/acc-alice");

        await bank.StopServiceAsync("feed");
        await bank.StartServiceAsync("feed");
        var after = await bank.GetAsync("feed/feed/acc-alice");

        Assert.Equal(before.Json["items"]!.ToJsonString(), after.Json["items"]!.ToJsonString());
        Assert.Equal("p-1", (string?)after.Json["items"]![0]!["id"]);
    }

    [Fact]
    public async Task A_feed_without_its_ledger_shows_what_it_knows_and_says_stale()
    {
        await using var bank = await BankUnderTest.StartAsync("ledger", "feed");
        await PayAsync(bank, "p-1");
        var fresh = (await bank.GetAsync("feed/feed/acc-alice")).Json;

        await bank.StopServiceAsync("ledger");
        var stale = (await bank.GetAsync("feed/feed/acc-alice")).Json;

        Assert.Equal((false, true), ((bool?)fresh["stale"], (bool?)stale["stale"]));
        Assert.Equal("p-1", (string?)stale["items"]![0]!["id"]);
    }

    [Fact]
    public async Task A_feed_that_never_read_the_ledger_says_so_rather_than_show_nothing()
    {
        await using var bank = await BankUnderTest.StartAsync("feed");

        var reply = await bank.GetAsync("feed/feed/acc-alice");

        Assert.Equal((503, "feed-empty"), (reply.Status, (string?)reply.Json["type"]));
        Assert.Equal(404, (await bank.GetAsync("feed/feed/acc-nobody")).Status);
    }

    private static Task<BankReply> PayAsync(BankUnderTest bank, string id) => bank.PostAsync(
        "ledger/bookings", $$"""{"id":"{{id}}","kind":"transfer","from":"acc-alice","to":"acc-bob","amount":100}""");
}
