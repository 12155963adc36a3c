using System.Net;
using Bank.Customers;
using Bank.Shared;
using CsCheck;

namespace Mainstay.Tests.Bank.Customers;

public sealed class CustomersServiceTests
{
    private static readonly string[] Everyone = ["ledger", "accounts", "payments", "cards", "feed", "cops", "gateway"];

    [Fact]
    public async Task Every_payment_is_booked_once_though_half_of_the_answers_are_lost()
    {
        await using var bank = await BankUnderTest.StartAsync(Everyone);
        var count = 0;
        bank.Router.After = (request, response) =>
        {
            if (request.Headers.Host != "customers" && Interlocked.Increment(ref count) % 2 == 0)
            {
                response.Dispose();
                return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
            }

            return response;
        };
        await bank.StartServiceAsync("customers", ratePerSecond: 40);
        await UntilAsync(bank, report => (long?)report["acceptedPayments"] >= 30);
        bank.Router.After = null;
        await SetRateAsync(bank, 0);
        await UntilAsync(bank, report => report["journeys"]!.AsArray().All(journey => (long?)journey!["pending"] == 0));

        var verification = (await bank.GetAsync("customers/verification")).Json;

        Assert.True((bool?)verification["sound"], verification.ToJsonString());
        Assert.True((long?)verification["accepted"] >= 30);
        Assert.Equal((long?)verification["accepted"], (long?)verification["booked"]);
        Assert.True((bool?)(await bank.GetAsync("ledger/audit")).Json["sound"]);
        var ids = (await bank.GetAsync("customers/accepted")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((long?)verification["accepted"], ids.Distinct().Count());
    }

    [Fact]
    public async Task A_ledger_that_forgot_a_payment_is_found_out()
    {
        await using var bank = await BankUnderTest.StartAsync(Everyone);
        await bank.StartServiceAsync("customers", ratePerSecond: 40);
        await UntilAsync(bank, report => (long?)report["acceptedPayments"] >= 10);
        await SetRateAsync(bank, 0);
        await UntilAsync(bank, report => report["journeys"]!.AsArray().All(journey => (long?)journey!["pending"] == 0));

        // The worst that can happen to a ledger: a fresh one in the place of the old.
        await bank.StopServiceAsync("ledger");
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        foreach (var file in Directory.GetFiles(bank.Folder))
        {
            File.Delete(file);
        }

        await bank.StartServiceAsync("ledger");
        var verification = (await bank.GetAsync("customers/verification")).Json;

        Assert.False((bool?)verification["sound"]);
        Assert.NotEmpty(verification["missing"]!.AsArray());
    }

    [Theory]
    [InlineData("""{"perSecond":-1}""", 422)]
    [InlineData("""{"perSecond":2001}""", 422)]
    [InlineData("""{"perSecond":"NaN"}""", 400)]
    [InlineData("""{}""", 400)]
    [InlineData("""{"perSecond":5}""", 200)]
    public async Task The_rate_is_set_within_its_bounds(string body, int status)
    {
        await using var bank = await BankUnderTest.StartAsync("customers");
        using var put = new HttpRequestMessage(HttpMethod.Put, "http://customers/rate")
        {
            Content = new StringContent(body, null, "application/json"),
        };

        Assert.Equal(status, (await bank.SendAsync(put)).Status);
    }

    [Fact]
    public void A_journey_is_told_by_its_number_alone_and_pays_another_account()
    {
        Gen.Long[1, 1_000_000_000].Sample(number =>
        {
            var plan = JourneyPlan.Number("run-x", number);
            Assert.Equal(plan, JourneyPlan.Number("run-x", number));
            Assert.NotEqual(plan.Account, plan.Counterpart);
            Assert.True(Seed.Accounts.ContainsKey(plan.Account) && Seed.Accounts.ContainsKey(plan.Counterpart));
            Assert.Null(Rules.Amount(plan.Amount));
        });
    }

    [Fact]
    public void The_journal_of_accepted_holds_exactly_what_was_accepted()
    {
        Gen.Long[1, 5000].Array[0, 200].Sample(numbers =>
        {
            var journal = new AcceptedJournal();
            Array.ForEach(numbers, journal.Accept);
            Assert.Equal(numbers.Distinct().Count(), journal.Count);
            Assert.All(Enumerable.Range(0, 5100), n => Assert.Equal(numbers.Contains(n), journal.Holds(n)));
        });
    }

    private static async Task SetRateAsync(BankUnderTest bank, double perSecond)
    {
        using var put = new HttpRequestMessage(HttpMethod.Put, "http://customers/rate")
        {
            Content = new StringContent($$"""{"perSecond":{{perSecond}}}""", null, "application/json"),
        };
        Assert.Equal(200, (await bank.SendAsync(put)).Status);
    }

    private static async Task UntilAsync(BankUnderTest bank, Func<System.Text.Json.Nodes.JsonNode, bool> reached)
    {
        // Paced: a loop that asks without pause takes from the bank the processor that it works with.
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!reached((await bank.GetAsync("customers/report")).Json))
        {
            Assert.False(deadline.IsCancellationRequested, (await bank.GetAsync("customers/report")).Text);
            await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
