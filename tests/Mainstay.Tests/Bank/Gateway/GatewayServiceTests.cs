using System.Net;

namespace Mainstay.Tests.Bank.Gateway;

public sealed class GatewayServiceTests
{
    private static readonly string[] Everyone = ["ledger", "accounts", "payments", "cards", "feed", "cops", "gateway"];

    private const string Lunch = """{"id":"p-1","from":"acc-alice","to":"acc-bob","amount":250,"reference":"lunch"}""";

    [Fact]
    public async Task A_payment_is_booked_and_stands_in_both_feeds_and_balances()
    {
        await using var bank = await BankUnderTest.StartAsync(Everyone);

        var receipt = await bank.PostAsync("gateway/payments", Lunch);

        Assert.Equal(200, receipt.Status);
        Assert.Equal("booked", (string?)receipt.Json["status"]);
        var alice = (await bank.GetAsync("gateway/feed/acc-alice")).Json["items"]![0]!;
        var bob = (await bank.GetAsync("gateway/feed/acc-bob")).Json["items"]![0]!;
        Assert.Equal("p-1 -250 To acc-bob: lunch", $"{alice["id"]} {alice["amount"]} {alice["text"]}");
        Assert.Equal("p-1 250 From acc-alice: lunch", $"{bob["id"]} {bob["amount"]} {bob["text"]}");
        var account = (await bank.GetAsync("gateway/accounts/acc-alice")).Json;
        Assert.Equal(("Alice Marlow", 99_750), ((string?)account["name"], (int?)account["balance"]!["amount"]));
    }

    [Fact]
    public async Task A_payment_without_an_id_is_given_one()
    {
        await using var bank = await BankUnderTest.StartAsync(Everyone);
        const string Anonymous = """{"from":"acc-alice","to":"acc-bob","amount":250}""";

        var first = (await bank.PostAsync("gateway/payments", Anonymous)).Json;
        var second = (await bank.PostAsync("gateway/payments", Anonymous)).Json;

        Assert.StartsWith("pay-", (string?)first["id"], StringComparison.Ordinal);
        Assert.NotEqual((string?)first["id"], (string?)second["id"]);
    }

    [Fact]
    public async Task An_answer_lost_on_the_way_does_not_pay_twice()
    {
        await using var bank = await BankUnderTest.StartAsync(Everyone);
        var lost = 0;
        bank.Router.After = (request, response) =>
        {
            // The ledger has booked; what it said is lost, as when a connection breaks after the commit.
            if (request.RequestUri!.AbsolutePath == "/bookings" && Interlocked.Increment(ref lost) <= 2)
            {
                response.Dispose();
                throw new HttpRequestException("the connection broke");
            }

            return response;
        };

        var receipt = await bank.PostAsync("gateway/payments", Lunch);

        Assert.Equal(200, receipt.Status);
        Assert.Equal(3, lost);
        Assert.Equal(99_750, (int?)(await bank.GetAsync("ledger/balances/acc-alice")).Json["amount"]);
    }

    [Fact]
    public async Task A_card_pays_from_its_own_balance_when_payments_and_accounts_are_gone()
    {
        await using var bank = await BankUnderTest.StartAsync("ledger", "cards", "feed", "gateway");

        var prepaid = await bank.PostAsync(
            "gateway/card-payments", """{"card":"prepaid-alice","merchant":"merchant-coffee","amount":300}""");
        var topUp = await bank.PostAsync("gateway/top-ups", """{"card":"prepaid-alice","amount":1000}""");
        var debit = await bank.PostAsync(
            "gateway/card-payments", """{"card":"debit-alice","merchant":"merchant-coffee","amount":300}""");

        Assert.Equal((200, 200), (prepaid.Status, topUp.Status));
        Assert.Equal(503, debit.Status);
        Assert.Equal("payments", (string?)debit.Json["service"]);
        Assert.Equal(100_700, (int?)(await bank.GetAsync("ledger/balances/prepaid-alice")).Json["amount"]);
    }

    [Fact]
    public async Task A_debit_card_pays_from_its_current_account()
    {
        await using var bank = await BankUnderTest.StartAsync(Everyone);

        var receipt = await bank.PostAsync(
            "gateway/card-payments", """{"card":"debit-bob","merchant":"merchant-train","amount":300}""");

        Assert.Equal("card-payment", (string?)receipt.Json["kind"]);
        Assert.Equal(99_700, (int?)(await bank.GetAsync("ledger/balances/acc-bob")).Json["amount"]);
    }

    [Fact]
    public async Task The_feed_being_away_holds_no_payment_up()
    {
        await using var bank = await BankUnderTest.StartAsync("ledger", "accounts", "payments", "gateway");

        Assert.Equal(200, (await bank.PostAsync("gateway/payments", Lunch)).Status);
        var feed = await bank.GetAsync("gateway/feed/acc-alice");
        Assert.Equal((503, "feed"), (feed.Status, (string?)feed.Json["service"]));
    }

    [Fact]
    public async Task The_broken_version_is_healthy_and_fails_every_payment()
    {
        await using var bank = await BankUnderTest.StartAsync("ledger", "accounts", "gateway");
        await bank.StartServiceAsync("payments", "v2-broken");

        Assert.Equal(200, (await bank.GetAsync("payments/healthz")).Status);
        Assert.Equal(500, (await bank.PostAsync("payments/payments", Lunch)).Status);
        var seen = await bank.PostAsync("gateway/payments", Lunch);
        Assert.Equal((502, "payments"), (seen.Status, (string?)seen.Json["service"]));
        Assert.Equal(100_000, (int?)(await bank.GetAsync("ledger/balances/acc-alice")).Json["amount"]);
    }

    [Fact]
    public async Task A_trace_goes_through_every_service()
    {
        await using var bank = await BankUnderTest.StartAsync(Everyone);
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://gateway/payments")
        {
            Content = new StringContent(Lunch, null, "application/json"),
        };
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        await bank.SendAsync(request);

        var hops = bank.Router.Seen.Where(
            seen => seen.Contains("0af7651916cd43dd8448eb211c80319c", StringComparison.Ordinal));
        Assert.Superset(
            new HashSet<string> { "gateway", "payments", "accounts", "ledger", "feed" },
            hops.Select(seen => seen.Split('/')[0]).ToHashSet());
    }

    [Theory]
    [InlineData("{", 400, null)]
    [InlineData("[]", 400, null)]
    [InlineData("null", 400, null)]
    [InlineData("""{"from":"acc-alice","to":"acc-bob"}""", 400, null)]
    [InlineData("""{"from":"acc-alice","to":"acc-bob","amount":1.5}""", 400, "amount")]
    [InlineData("""{"from":"acc-alice","to":"acc-bob","amount":"5"}""", 400, "amount")]
    [InlineData("""{"from":"acc-alice","to":"acc-bob","amount":5,"amout":6}""", 400, "amout")]
    [InlineData("""{"from":null,"to":"acc-bob","amount":5}""", 400, "from")]
    [InlineData("""{"from":"acc-alice","to":"acc-bob","amount":99999999999999999999}""", 400, "amount")]
    [InlineData("""{"from":"acc-alice","to":"acc-bob","amount":-250}""", 422, "amount")]
    [InlineData("""{"from":"acc-alice","to":"acc-bob","amount":0}""", 422, "amount")]
    [InlineData("""{"from":"acc-alice","to":"acc-bob","amount":1000001}""", 422, "amount")]
    [InlineData("""{"from":"acc-alice","to":"acc-alice","amount":5}""", 422, "to")]
    [InlineData("""{"from":"acc-alice","to":"acc-bob/../x","amount":5}""", 422, "to")]
    [InlineData("""{"from":"acc-alice","to":"acc-bob","amount":5,"id":""}""", 422, "id")]
    [InlineData("""{"from":"acc-alice","to":"acc-bob","amount":5,"reference":"a\u0007b"}""", 422, "reference")]
    [InlineData("""{"from":"acc-alice","to":"acc-dora","amount":5}""", 422, "to")]
    [InlineData("""{"from":"merchant-coffee","to":"acc-bob","amount":5}""", 422, "from")]
    [InlineData("""{"from":"acc-alice","to":"acc-nobody","amount":5}""", 404, "to")]
    [InlineData("""{"from":"bank-funding","to":"acc-bob","amount":5}""", 404, "from")]
    [InlineData("""{"from":"acc-alice","to":"acc-bob","amount":200000}""", 422, "amount")]
    public async Task A_bad_payment_is_refused_with_its_field_and_moves_nothing(string body, int status, string? field)
    {
        await using var bank = await BankUnderTest.StartAsync("ledger", "accounts", "payments", "gateway");

        var reply = await bank.PostAsync("gateway/payments", body);

        Assert.Equal((status, "application/problem+json"), (reply.Status, reply.ContentType));
        Assert.Equal(field, (string?)reply.Json["field"]);
        Assert.True(((string?)reply.Json["detail"])?.Length > 10, reply.Text);
        Assert.Equal(100_000, (int?)(await bank.GetAsync("ledger/balances/acc-alice")).Json["amount"]);
    }

    [Fact]
    public async Task Too_large_a_body_and_a_body_that_is_not_JSON_are_refused_by_name()
    {
        await using var bank = await BankUnderTest.StartAsync("gateway");
        using var form = new HttpRequestMessage(HttpMethod.Post, "http://gateway/payments")
        {
            Content = new StringContent("amount=5", null, "application/x-www-form-urlencoded"),
        };

        var tooLarge = await bank.PostAsync("gateway/payments", $$"""{"reference":"{{new string('x', 20_000)}}"}""");
        var notJson = await bank.SendAsync(form);
        var nothing = await bank.GetAsync("gateway/nothing");

        Assert.Equal((413, "body-too-large"), (tooLarge.Status, (string?)tooLarge.Json["type"]));
        Assert.Equal((415, "not-json"), (notJson.Status, (string?)notJson.Json["type"]));
        Assert.Equal((404, "unknown-path"), (nothing.Status, (string?)nothing.Json["type"]));
    }

    [Fact]
    public async Task Customer_operations_see_what_can_be_had_and_what_is_missing()
    {
        await using var bank = await BankUnderTest.StartAsync("ledger", "accounts", "cops", "gateway");

        var view = (await bank.GetAsync("gateway/cops/customers/acc-carol")).Json;
        var status = (await bank.GetAsync("gateway/cops/status")).Json["services"]!.AsArray();

        Assert.Equal("Carol Finch", (string?)view["account"]!["name"]);
        Assert.StartsWith("feed", (string?)Assert.Single(view["missing"]!.AsArray()), StringComparison.Ordinal);
        Assert.Equal(
            ["accounts", "gateway", "ledger"],
            status.Where(line => (bool?)line!["up"] == true).Select(line => (string?)line!["service"]).Order());
    }

    [Fact]
    public async Task A_router_that_answers_nonsense_becomes_a_clear_problem()
    {
        await using var bank = await BankUnderTest.StartAsync("gateway");
        bank.Router.Before = request => request.RequestUri!.Host == "accounts"
            ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("<html>") }
            : null;

        var reply = await bank.GetAsync("gateway/accounts/acc-alice");

        Assert.Equal((502, "bad-answer"), (reply.Status, (string?)reply.Json["type"]));
    }
}
