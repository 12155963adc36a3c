using Bank.Shared;

namespace Bank.Gateway;

/// <summary>
/// What an app talks to. It makes ids where the app gave none, and knows which service is asked; nothing more.
/// </summary>
internal static class GatewayService
{
    /// <summary>Longer than what payments needs for its own tries, so that its verdict is heard.</summary>
    private static readonly TimeSpan PaymentTimeout = TimeSpan.FromSeconds(5);

    public static WebApplication Build(ServiceSettings settings, ServiceSeams seams)
    {
        var app = ServiceHost.Build(ServiceHost.CreateBuilder(settings, seams));
        var router = app.Services.GetRequiredService<RouterClient>();

        app.Post("/payments", Wires.Payment, (request, cancellationToken) =>
        {
            var identified = request with { Id = request.Id ?? NewId() };
            return PayAsync(
                Call<Receipt>.Post("payments/payments", identified, Wires.Payment), identified.Id, cancellationToken);
        });
        app.Post("/card-payments", Wires.CardPayment, (request, cancellationToken) =>
        {
            var identified = request with { Id = request.Id ?? NewId() };
            return DebitPayment(identified) is { } payment
                ? PayAsync(
                    Call<Receipt>.Post("payments/payments", payment, Wires.Payment), identified.Id, cancellationToken)
                : PayAsync(
                    Call<Receipt>.Post("cards/card-payments", identified, Wires.CardPayment), identified.Id,
                    cancellationToken);
        });
        app.Post("/top-ups", Wires.TopUp, (request, cancellationToken) =>
        {
            var identified = request with { Id = request.Id ?? NewId() };
            return PayAsync(
                Call<Receipt>.Post("cards/top-ups", identified, Wires.TopUp), identified.Id, cancellationToken);
        });
        app.Get("/accounts/{id}", BankJson.Default.Account, context =>
            ById(context, id => Call<Account>.Get("accounts", $"/accounts/{id}", BankJson.Default.Account)));
        app.Get("/feed/{id}", BankJson.Default.FeedPage, context =>
            ById(context, id => Call<FeedPage>.Get("feed", $"/feed/{id}", BankJson.Default.FeedPage)));
        app.Get("/cops/customers/{id}", BankJson.Default.CustomerView, context =>
            ById(context, id => Call<CustomerView>.Get("cops", $"/customers/{id}", BankJson.Default.CustomerView)
                with { TryTimeout = PaymentTimeout }));
        app.Get("/cops/status", BankJson.Default.StatusBoard, context =>
            router.SendAsync(
                Call<StatusBoard>.Get("cops", "/status", BankJson.Default.StatusBoard)
                    with { TryTimeout = PaymentTimeout },
                context.RequestAborted));
        return app;

        string NewId() => $"pay-{seams.Chance.NextId()}";

        Task<Answer<Receipt>> PayAsync(Call<Receipt> call, string? id, CancellationToken cancellationToken) =>
            router.SendAsync(call with { TryTimeout = PaymentTimeout, IdempotencyKey = id }, cancellationToken);

        Task<Answer<T>> ById<T>(HttpContext context, Func<string, Call<T>> call)
            where T : class
        {
            var id = context.RouteText("id");
            return Rules.Id("id", id) is { } problem
                ? Task.FromResult<Answer<T>>(problem)
                : router.SendAsync(call(id), context.RequestAborted);
        }
    }

    /// <summary>A debit card pays from its current account; null for a card with a service of its own.</summary>
    private static PaymentRequest? DebitPayment(CardPaymentRequest request)
    {
        const string Debit = "debit-";
        return request.Card.StartsWith(Debit, StringComparison.Ordinal)
            ? new PaymentRequest
            {
                Id = request.Id,
                From = $"acc-{request.Card[Debit.Length..]}",
                To = request.Merchant,
                Amount = request.Amount,
                Reference = $"card {request.Card}",
            }
            : null;
    }
}
