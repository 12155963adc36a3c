using System.Globalization;
using Bank.Shared;
using Microsoft.Data.Sqlite;

namespace Bank.Standin;

/// <summary>How standin is doing.</summary>
/// <param name="Waiting">authorised, and not yet decided by the ledger</param>
/// <param name="Booked">handed over, and booked as authorised</param>
/// <param name="Disagreements">handed over, and the ledger refused: the bank bears the loss</param>
/// <param name="KnownSequence">the ledger's journal up to here is in the copy</param>
/// <param name="LagSeconds">since the copy was last known to be whole; null before it ever was</param>
internal sealed record StandinStatus(
    long Waiting, long Booked, long Disagreements, long KnownSequence, double? LagSeconds, bool LedgerAnswers,
    string? Reason);

/// <summary>
/// Stands in for payments: authorises card payments within a limit from what it last knew of the ledger, asks nobody
/// while it does so, and hands them to the ledger afterwards under their own ids, so that each happens once whoever
/// else was told of it. Transfers wait for payments: nobody stands in a queue for them.
/// </summary>
internal static class StandinService
{
    /// <summary>As payments calls what a card pays.</summary>
    public const string Kind = "card-payment";

    public static WebApplication Build(ServiceSettings settings, ServiceSeams seams)
    {
        var file = Path.Combine(settings.DataFolder, "standin.db");
        try
        {
            Directory.CreateDirectory(settings.DataFolder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StartFault($"the folder of standin {settings.DataFolder} cannot be made: {fault.Message}");
        }

        var builder = ServiceHost.CreateBuilder(settings, seams);
        builder.Services.AddSingleton(_ => StandinStore.Open(file));
        builder.Services.AddSingleton<LedgerLink>();
        builder.Services.AddHostedService(services => services.GetRequiredService<LedgerLink>());
        var app = ServiceHost.Build(builder);
        var store = app.Services.GetRequiredService<StandinStore>();
        var link = app.Services.GetRequiredService<LedgerLink>();

        app.Post("/payments", Wires.Payment, (request, _) =>
            Task.FromResult(Authorise(request, store, link, seams.Time.GetUtcNow())));
        app.Get("/status", BankJson.Default.StandinStatus, _ =>
            Task.FromResult<Answer<StandinStatus>>(link.Status()));
        return app;
    }

    private static Answer<Receipt> Authorise(
        PaymentRequest request, StandinStore store, LedgerLink link, DateTimeOffset now)
    {
        if (Check(request) is { } problem)
        {
            return problem;
        }

        var booking = new Booking
        {
            Id = request.Id ?? "",
            Kind = Kind,
            From = request.From,
            To = request.To,
            Amount = request.Amount,
            Reference = request.Reference,
        };
        var answer = Keep(booking, store, now);
        if (answer.IsProblem(out var refusal, out var authorised))
        {
            return refusal;
        }

        link.Nudge();
        return new Receipt
        {
            Id = booking.Id,
            Status = authorised.State == "booked" ? "booked" : "authorised",
            Kind = Kind,
            From = booking.From,
            To = booking.To,
            Amount = booking.Amount,
            Reference = booking.Reference,
            Sequence = authorised.Sequence,
            BookedAt = DateTimeOffset.FromUnixTimeMilliseconds(authorised.AcceptedAtMs),
        };
    }

    private static Answer<Authorised> Keep(Booking booking, StandinStore store, DateTimeOffset now)
    {
        try
        {
            if (store.Sequence == 0)
            {
                // Not a refusal: who knows no balance cannot say that there is not enough.
                return new Problem("standin-knows-nothing", 503, "the ledger's journal was never read yet");
            }

            return store.Authorise(
                booking, now.ToUnixTimeMilliseconds(), (balance, held) => Limit(booking, balance, held));
        }
        catch (SqliteException fault)
        {
            return new Problem("standin-cannot-write", 503, $"nothing was authorised: {fault.Message}");
        }
    }

    private static Problem? Check(PaymentRequest request) =>
        Rules.Id("id", request.Id)
        ?? Rules.Id("from", request.From)
        ?? Rules.Id("to", request.To)
        ?? Rules.Different(request.From, request.To)
        ?? Rules.Amount(request.Amount)
        ?? Rules.Reference(request.Reference)
        ?? CheckEnds(request);

    private static Problem? CheckEnds(PaymentRequest request)
    {
        if (!Seed.Merchants.Contains(request.To))
        {
            // Not a refusal: payments will take it when it is well again.
            return new Problem("cards-only", 503, "only card payments are authorised while payments is away");
        }

        if (!Seed.Accounts.TryGetValue(request.From, out var account) || account.Kind != "current")
        {
            return Problem.NotFound("account", request.From) with { Field = "from" };
        }

        return account.Status == "open"
            ? null
            : new Problem("account-closed", 422, $"account {request.From} is {account.Status}", "from");
    }

    /// <summary>What may be lost by not asking is bounded twice: by the copy, and by the limit.</summary>
    private static Problem? Limit(Booking booking, long balance, long held)
    {
        if (held + booking.Amount > Limits.StandinMinorMax)
        {
            var limit = Limits.StandinMinorMax.ToString(CultureInfo.InvariantCulture);
            var detail = $"{booking.From} may spend {limit} pence while payments is away";
            return new Problem("standin-limit", 422, detail, "amount");
        }

        return balance - held < booking.Amount
            ? new Problem("insufficient-funds", 422, $"payment {booking.Id} is refused: not enough", "amount")
            : null;
    }
}
