using Bank.Shared;

namespace Bank.Cards;

/// <summary>
/// Prepaid cards, each with a balance of its own. Kept apart from payments and accounts on purpose: whatever happens to
/// current accounts, these cards pay.
/// </summary>
internal static class CardsService
{
    public static WebApplication Build(ServiceSettings settings, ServiceSeams seams)
    {
        var app = ServiceHost.Build(ServiceHost.CreateBuilder(settings, seams));
        var router = app.Services.GetRequiredService<RouterClient>();
        var bookings = new Bookings(router);

        app.Post("/card-payments", Wires.CardPayment, (request, cancellationToken) =>
            (Check(request.Id, request.Card, request.Amount) ?? CheckMerchant(request.Merchant)) is { } problem
                ? Task.FromResult<Answer<Receipt>>(problem)
                : bookings.BookAsync(
                    new Booking
                    {
                        Id = request.Id ?? "",
                        Kind = "prepaid-payment",
                        From = request.Card,
                        To = request.Merchant,
                        Amount = request.Amount,
                        Reference = $"card {request.Card}",
                    },
                    cancellationToken));
        app.Post("/top-ups", Wires.TopUp, (request, cancellationToken) =>
            Check(request.Id, request.Card, request.Amount) is { } problem
                ? Task.FromResult<Answer<Receipt>>(problem)
                : bookings.BookAsync(
                    new Booking
                    {
                        Id = request.Id ?? "",
                        Kind = "top-up",
                        From = Seed.Funding,
                        To = request.Card,
                        Amount = request.Amount,
                        Reference = "top-up",
                    },
                    cancellationToken));
        app.Get("/cards/{id}", BankJson.Default.Balance, context =>
        {
            var id = context.RouteText("id");
            return CheckCard(id) is { } problem
                ? Task.FromResult<Answer<Balance>>(problem)
                : router.SendAsync(
                    Call<Balance>.Get("ledger", $"/balances/{id}", BankJson.Default.Balance), context.RequestAborted);
        });
        return app;
    }

    private static Problem? Check(string? id, string card, long amount) =>
        Rules.Id("id", id) ?? CheckCard(card) ?? Rules.Amount(amount);

    private static Problem? CheckCard(string card)
    {
        if (Rules.Id("card", card) is { } problem)
        {
            return problem;
        }

        if (!Seed.Accounts.TryGetValue(card, out var account) || account.Kind != "prepaid")
        {
            return Problem.NotFound("card", card) with { Field = "card" };
        }

        return account.Status == "open"
            ? null
            : new Problem("card-closed", 422, $"card {card} is {account.Status}", "card");
    }

    private static Problem? CheckMerchant(string merchant) =>
        Rules.Id("merchant", merchant)
        ?? (Seed.Merchants.Contains(merchant)
            ? null
            : Problem.NotFound("merchant", merchant) with { Field = "merchant" });
}
