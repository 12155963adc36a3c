using System.Net;
using System.Net.Http.Json;
using Bank.Customers;
using Bank.Shared;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Bank.Customers;

public sealed class LoadGeneratorTests
{
    private static readonly string[] Paying = ["card-payment", "prepaid-card", "transfer"];

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_payment_that_waits_for_a_free_customer_is_pending_too()
    {
        using var bank = new SilentBank();
        using var load = Load(bank, ratePerSecond: 400);
        await load.StartAsync(TestContext.Current.CancellationToken);

        // As many as are served at once are under way, and as many wait; nobody is told of an outcome.
        await UntilAsync(() => Pending(load).All(count => count == 2 * Limits.CustomersPerJourneyMax));

        await load.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_rate_below_one_a_second_sends_someone_too()
    {
        using var bank = new SilentBank();
        using var load = Load(bank, ratePerSecond: 0.5);
        await load.StartAsync(TestContext.Current.CancellationToken);

        await UntilAsync(() => Sent(load) > 0);

        await load.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Nobody_comes_before_the_bank_is_open()
    {
        using var bank = new BankBoard();
        using var load = Load(bank, ratePerSecond: 20);
        await load.StartAsync(TestContext.Current.CancellationToken);

        await UntilAsync(() => bank.Looks > 3);
        Assert.Equal(0, Sent(load));
        Assert.Equal(0, bank.Others);

        bank.IsOpen = true;
        await UntilAsync(() => Sent(load) > 0);
        await load.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task To_a_bank_that_does_not_open_they_come_all_the_same()
    {
        using var bank = new BankBoard();
        using var load = Load(bank, ratePerSecond: 20);
        await load.StartAsync(TestContext.Current.CancellationToken);

        await UntilAsync(() => Sent(load) > 0);

        Assert.Equal(10, bank.Looks);
        await load.StopAsync(CancellationToken.None);
    }

    private LoadGenerator Load(HttpMessageHandler bank, double ratePerSecond)
    {
        var seams = new ServiceSeams(_time, new Chance(new Random(7)), bank);
        var settings = new ServiceSettings
        {
            Service = "customers",
            Version = "",
            Address = IPAddress.Loopback,
            Port = 0,
            DataFolder = "",
            RatePerSecond = ratePerSecond,
        };
        return new LoadGenerator(
            new Teller(new RouterClient(bank, seams)), settings, seams, NullLogger<LoadGenerator>.Instance);
    }

    private static IEnumerable<long> Pending(LoadGenerator load) => load.Report().Journeys
        .Where(journey => Paying.Contains(journey.Journey)).Select(journey => journey.Pending);

    private static long Sent(LoadGenerator load) => load.Report().Journeys.Sum(journey => journey.Sent);

    /// <summary>Lets time pass in small steps until it is so; the deadline is for a test that hangs.</summary>
    private async Task UntilAsync(Func<bool> isSo)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        while (!isSo())
        {
            deadline.Token.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Yield();
        }
    }

    /// <summary>Takes every call and answers none.</summary>
    private sealed class SilentBank : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            throw new InvalidOperationException("nobody answers");
        }
    }

    /// <summary>Knows of itself whether it is open; everything else fails.</summary>
    private sealed class BankBoard : HttpMessageHandler
    {
        private int _looks;
        private int _others;

        public volatile bool IsOpen;

        public int Looks => Volatile.Read(ref _looks);

        public int Others => Volatile.Read(ref _others);

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var isLook = request.RequestUri!.AbsolutePath == "/cops/status";
            Interlocked.Increment(ref isLook ? ref _looks : ref _others);
            var board = new StatusBoard([new ServiceStatus("ledger", IsOpen, 1, null)]);
            return Task.FromResult(isLook
                ? new HttpResponseMessage(HttpStatusCode.OK)
                {
                    Content = JsonContent.Create(board, BankJson.Default.StatusBoard),
                }
                : new HttpResponseMessage(HttpStatusCode.ServiceUnavailable));
        }
    }
}
