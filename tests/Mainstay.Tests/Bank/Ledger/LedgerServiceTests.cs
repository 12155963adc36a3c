namespace Mainstay.Tests.Bank.Ledger;

public sealed class LedgerServiceTests
{
    [Fact]
    public async Task Many_at_once_under_few_ids_are_booked_once_each()
    {
        await using var bank = await BankUnderTest.StartAsync("ledger");

        var replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(number => bank.PostAsync(
            "ledger/bookings",
            $$"""{"id":"p{{number % 10}}","kind":"transfer","from":"acc-alice","to":"acc-bob","amount":100}""")));

        Assert.All(replies, reply => Assert.Equal(200, reply.Status));
        Assert.Equal(10, replies.Select(reply => reply.Text).Distinct().Count());
        var balance = await bank.GetAsync("ledger/balances/acc-alice");
        Assert.Equal(100_000 - 1000, (long?)balance.Json["amount"]);
        Assert.True((bool?)(await bank.GetAsync("ledger/audit")).Json["sound"]);
    }

    [Fact]
    public async Task Payers_who_race_for_the_last_penny_do_not_overdraw()
    {
        await using var bank = await BankUnderTest.StartAsync("ledger");

        var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(number => bank.PostAsync(
            "ledger/bookings",
            $$"""{"id":"r{{number}}","kind":"transfer","from":"acc-alice","to":"acc-bob","amount":30000}""")));

        Assert.Equal(3, replies.Count(reply => reply.Status == 200));
        Assert.Equal(47, replies.Count(reply => reply.Status == 422));
        var audit = (await bank.GetAsync("ledger/audit")).Json;
        Assert.True((bool?)audit["sound"]);
        Assert.Equal(0, (long?)audit["overdrawn"]);
    }

    [Fact]
    public async Task The_journal_is_read_in_pages_without_gap_or_repeat()
    {
        await using var bank = await BankUnderTest.StartAsync("ledger");
        var ids = new List<string?>();
        for (long after = 0; ;)
        {
            var page = (await bank.GetAsync($"ledger/journal?after={after}&limit=7")).Json;
            ids.AddRange(page["items"]!.AsArray().Select(item => (string?)item!["id"]));
            if (page["items"]!.AsArray().Count < 7)
            {
                break;
            }

            after = (long)page["next"]!;
        }

        var transactions = (long)(await bank.GetAsync("ledger/audit")).Json["transactions"]!;
        Assert.Equal(transactions, ids.Count);
        Assert.Equal(transactions, ids.Distinct().Count());
    }

    [Theory]
    [InlineData("journal?after=-1", 400, "after")]
    [InlineData("journal?after=x", 400, "after")]
    [InlineData("journal?limit=0", 400, "limit")]
    [InlineData("journal?limit=1001", 400, "limit")]
    [InlineData("balances/acc-nobody", 404, null)]
    [InlineData("transactions/none", 404, null)]
    public async Task What_cannot_be_read_is_told_with_its_field(string path, int status, string? field)
    {
        await using var bank = await BankUnderTest.StartAsync("ledger");

        var reply = await bank.GetAsync($"ledger/{path}");

        Assert.Equal(status, reply.Status);
        Assert.Equal("application/problem+json", reply.ContentType);
        Assert.Equal(field, (string?)reply.Json["field"]);
    }
}
