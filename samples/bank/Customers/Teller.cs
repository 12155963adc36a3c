using Bank.Shared;

namespace Bank.Customers;

/// <summary>One attempt of a customer at the gateway.</summary>
internal sealed class Teller(RouterClient router)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    public Task<Answer<Receipt>> PayAsync(JourneyPlan plan, CancellationToken cancellationToken)
    {
        var call = plan switch
        {
            { Journey: Journey.Transfer } => Call<Receipt>.Post(
                "gateway/payments",
                new PaymentRequest
                {
                    Id = plan.Id,
                    From = plan.Account,
                    To = plan.Counterpart,
                    Amount = plan.Amount,
                    Reference = "rent and pizza",
                },
                Wires.Payment),
            { TopUp: true } => Call<Receipt>.Post(
                "gateway/top-ups",
                new TopUpRequest { Id = plan.Id, Card = plan.Account, Amount = plan.Amount },
                Wires.TopUp),
            _ => Call<Receipt>.Post(
                "gateway/card-payments",
                new CardPaymentRequest
                {
                    Id = plan.Id,
                    Card = plan.Account.Replace("acc-", "debit-", StringComparison.Ordinal),
                    Merchant = plan.Counterpart,
                    Amount = plan.Amount,
                },
                Wires.CardPayment),
        };

        // One try: the generator repeats, and counts each attempt.
        return router.SendAsync(call with
        {
            Tries = 1,
            TryTimeout = Patience,
            IdempotencyKey = plan.Id,
        }, cancellationToken);
    }

    public async Task<Problem?> LookAsync(JourneyPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Journey == Journey.CustomerOperations)
        {
            var asked = await router.SendAsync(
                Look("cops/customers", plan, BankJson.Default.CustomerView), cancellationToken);
            return asked.IsProblem(out var problem, out var view) ? problem
                : view.Missing is [var missing, ..] ? new Problem("part-missing", 503, missing)
                : null;
        }

        var account = await router.SendAsync(Look("accounts", plan, BankJson.Default.Account), cancellationToken);
        var feed = await router.SendAsync(Look("feed", plan, BankJson.Default.FeedPage), cancellationToken);
        return account.Problem ?? feed.Problem;
    }

    /// <summary>Whether every service that a journey needs answers.</summary>
    public async Task<bool> IsOpenAsync(CancellationToken cancellationToken)
    {
        var board = Call<StatusBoard>.Get("gateway", "/cops/status", BankJson.Default.StatusBoard);
        var answer = await router.SendAsync(board with { Tries = 1, TryTimeout = Patience }, cancellationToken);
        return answer.Value?.Services.All(service => service.Up) == true;
    }

    private static Call<T> Look<T>(
        string path, JourneyPlan plan, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class =>
        Call<T>.Get("gateway", $"/{path}/{plan.Account}", type) with { Tries = 1, TryTimeout = Patience };
}
