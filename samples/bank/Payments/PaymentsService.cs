using Bank.Shared;

namespace Bank.Payments;

/// <summary>
/// Payments from current accounts. Both ends must be open; the ledger decides under the payment's id; the feed is told
/// when it can be. Version "v2-broken" is the release that should never have gone out: ready, and it fails every
/// payment.
/// </summary>
internal static class PaymentsService
{
    public static WebApplication Build(ServiceSettings settings, ServiceSeams seams)
    {
        var app = ServiceHost.Build(ServiceHost.CreateBuilder(settings, seams));
        var router = app.Services.GetRequiredService<RouterClient>();
        var bookings = new Bookings(router);

        app.Post("/payments", Wires.Payment, async (request, cancellationToken) =>
        {
            if (settings.Version == "v2-broken")
            {
                return new Problem("internal-fault", 500, "v2 cannot read its new table of fees");
            }

            if (await CheckAsync(request, router, cancellationToken) is { } problem)
            {
                return problem;
            }

            return await bookings.BookAsync(
                new Booking
                {
                    Id = request.Id ?? "",
                    Kind = request.To.StartsWith("merchant-", StringComparison.Ordinal) ? "card-payment" : "transfer",
                    From = request.From,
                    To = request.To,
                    Amount = request.Amount,
                    Reference = request.Reference,
                },
                cancellationToken);
        });
        return app;
    }

    private static async Task<Problem?> CheckAsync(
        PaymentRequest request, RouterClient router, CancellationToken cancellationToken)
    {
        var shape = Rules.Id("id", request.Id)
            ?? Rules.Id("from", request.From)
            ?? Rules.Id("to", request.To)
            ?? Rules.Different(request.From, request.To)
            ?? Rules.Amount(request.Amount)
            ?? Rules.Reference(request.Reference);
        if (shape is not null)
        {
            return shape;
        }

        var from = StandingAsync("from", request.From, router, cancellationToken);
        var to = StandingAsync("to", request.To, router, cancellationToken);
        return await from ?? await to;
    }

    private static async Task<Problem?> StandingAsync(
        string field, string id, RouterClient router, CancellationToken cancellationToken)
    {
        var call = Call<Account>.Get("accounts", $"/accounts/{id}/standing", BankJson.Default.Account);
        var asked = await router.SendAsync(call, cancellationToken);
        if (asked.IsProblem(out var problem, out var account))
        {
            return problem.Status == 404 ? problem with { Field = field } : problem;
        }

        return account switch
        {
            { Kind: "prepaid" } => Problem.Invalid(field, $"{id} is a prepaid card: pay by it as a card, or top it up"),
            { Kind: "merchant" } when field == "from" => Problem.Invalid(field, $"{id} is a merchant's account"),
            { Status: not "open" } => new Problem("account-closed", 422, $"account {id} is {account.Status}", field),
            _ => null,
        };
    }
}
