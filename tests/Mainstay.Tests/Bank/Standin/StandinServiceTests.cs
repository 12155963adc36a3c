using System.Globalization;
using System.Text.Json.Nodes;

namespace Mainstay.Tests.Bank.Standin;

public sealed class StandinServiceTests
{
    [Fact]
    public async Task A_card_payment_is_authorised_with_the_ledger_away_and_booked_once_when_it_is_back()
    {
        await using var bank = await BankUnderTest.StartAsync("ledger", "standin");
        await UntilAsync(bank, status => status["lagSeconds"] is not null);
        await bank.StopServiceAsync("ledger");

        var first = await bank.PostAsync("standin/payments", Payment("p-1", 250));
        var again = await bank.PostAsync("standin/payments", Payment("p-1", 250));
        Assert.Equal((200, "authorised"), (first.Status, (string?)first.Json["status"]));
        Assert.Equal(first.Text, again.Text);
        await UntilAsync(bank, status => (int?)status["waiting"] == 1 && (bool?)status["ledgerAnswers"] == false);

        await bank.StartServiceAsync("ledger");
        await UntilAsync(bank, status => (int?)status["booked"] == 1);

        var booked = await bank.GetAsync("ledger/transactions/p-1");
        Assert.Equal((200, "card-payment"), (booked.Status, (string?)booked.Json["kind"]));
        Assert.Equal(99_750, (int?)(await bank.GetAsync("ledger/balances/acc-alice")).Json["amount"]);
        Assert.True((bool?)(await bank.GetAsync("ledger/audit")).Json["sound"]);
        Assert.Equal(0, (int?)(await StatusAsync(bank))["disagreements"]);
    }

    [Fact]
    public async Task What_was_authorised_outlives_a_restart_of_standin()
    {
        await using var bank = await BankUnderTest.StartAsync("ledger", "standin");
        await UntilAsync(bank, status => status["lagSeconds"] is not null);
        await bank.StopServiceAsync("ledger");
        await bank.PostAsync("standin/payments", Payment("p-1", 250));

        await bank.StopServiceAsync("standin");
        await bank.StartServiceAsync("standin");
        Assert.Equal(1, (int?)(await StatusAsync(bank))["waiting"]);
        await bank.StartServiceAsync("ledger");

        await UntilAsync(bank, status => (int?)status["booked"] == 1);
    }

    [Fact]
    public async Task The_same_payment_by_payments_and_by_standin_happens_once()
    {
        await using var bank = await BankUnderTest.StartAsync("ledger", "accounts", "feed", "payments", "standin");
        await UntilAsync(bank, status => status["lagSeconds"] is not null);

        await bank.PostAsync("payments/payments", Payment("p-1", 250));
        await bank.PostAsync("standin/payments", Payment("p-1", 250));
        await UntilAsync(bank, status => (int?)status["waiting"] == 0);

        Assert.Equal(99_750, (int?)(await bank.GetAsync("ledger/balances/acc-alice")).Json["amount"]);
    }

    [Fact]
    public async Task An_account_may_spend_up_to_the_limit_and_what_it_holds_and_not_more()
    {
        await using var bank = await BankUnderTest.StartAsync("ledger", "standin");
        await UntilAsync(bank, status => status["lagSeconds"] is not null);
        await bank.StopServiceAsync("ledger");

        var within = await bank.PostAsync("standin/payments", Payment("p-1", 25_000));
        var above = await bank.PostAsync("standin/payments", Payment("p-2", 1));

        Assert.Equal((200, 422), (within.Status, above.Status));
        Assert.Equal("standin-limit", (string?)above.Json["type"]);
    }

    [Theory]
    [InlineData("acc-nobody", "merchant-coffee", 404)]
    [InlineData("acc-dora", "merchant-coffee", 422)]
    [InlineData("prepaid-alice", "merchant-coffee", 404)]
    [InlineData("acc-alice", "acc-bob", 503)]
    public async Task What_it_cannot_know_or_does_not_stand_in_for_is_not_authorised(string from, string to, int status)
    {
        await using var bank = await BankUnderTest.StartAsync("ledger", "standin");
        await UntilAsync(bank, standin => standin["lagSeconds"] is not null);

        var answer = await bank.PostAsync(
            "standin/payments", $$"""{"id":"p-1","from":"{{from}}","to":"{{to}}","amount":1}""");

        Assert.Equal(status, answer.Status);
        Assert.Equal(0, (int?)(await StatusAsync(bank))["waiting"]);
    }

    [Fact]
    public async Task Before_it_ever_knew_the_ledger_it_authorises_nothing_and_refuses_nothing_for_good()
    {
        await using var bank = await BankUnderTest.StartAsync("standin");

        var answer = await bank.PostAsync("standin/payments", Payment("p-1", 1));

        Assert.Equal((503, "standin-knows-nothing"), (answer.Status, (string?)answer.Json["type"]));
    }

    [Fact]
    public async Task What_payments_booked_and_did_not_answer_is_answered_as_booked_though_the_money_is_gone()
    {
        await using var bank = await BankUnderTest.StartAsync("ledger", "standin");
        var booked = await bank.PostAsync("ledger/bookings", Booked("p-1", 100_000));
        await UntilAsync(bank, status => (int?)status["knownSequence"] >= (int?)booked.Json["sequence"]);
        await bank.StopServiceAsync("ledger");

        var again = await bank.PostAsync("standin/payments", Payment("p-1", 100_000));
        var other = await bank.PostAsync("standin/payments", Payment("p-2", 1));
        var reused = await bank.PostAsync("standin/payments", Payment("p-1", 5));

        Assert.Equal((200, "booked"), (again.Status, (string?)again.Json["status"]));
        Assert.Equal((422, "insufficient-funds"), (other.Status, (string?)other.Json["type"]));
        Assert.Equal((409, "id-reused"), (reused.Status, (string?)reused.Json["type"]));
        Assert.Equal(0, (int?)(await StatusAsync(bank))["waiting"]);
    }

    [Fact]
    public async Task A_payment_that_the_ledger_refuses_afterwards_is_told_as_a_disagreement()
    {
        await using var bank = await BankUnderTest.StartAsync("ledger", "standin");
        await UntilAsync(bank, status => status["lagSeconds"] is not null);
        await bank.StopServiceAsync("standin");
        await bank.PostAsync(
            "ledger/bookings",
            """{"id":"all","kind":"transfer","from":"acc-alice","to":"acc-bob","amount":100000}""");
        await bank.StopServiceAsync("ledger");
        await bank.StartServiceAsync("standin");
        Assert.Equal(200, (await bank.PostAsync("standin/payments", Payment("p-1", 250))).Status);

        await bank.StartServiceAsync("ledger");

        await UntilAsync(bank, status => (int?)status["disagreements"] == 1 && (int?)status["waiting"] == 0);
    }

    private static string Booked(string id, int amount) =>
        $"{Payment(id, amount)[..^1]},\"kind\":\"card-payment\"}}";

    private static string Payment(string id, int amount) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"id":"{{id}}","from":"acc-alice","to":"merchant-train","amount":{{amount}},"reference":"card x"}""");

    private static async Task<JsonNode> StatusAsync(BankUnderTest bank) =>
        (await bank.GetAsync("standin/status")).Json;

    private static async Task UntilAsync(BankUnderTest bank, Func<JsonNode, bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition(await StatusAsync(bank)))
        {
            Assert.False(deadline.IsCancellationRequested, "it came to pass in time");
        }
    }
}
