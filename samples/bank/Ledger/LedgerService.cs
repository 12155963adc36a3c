using System.Globalization;
using Bank.Shared;

namespace Bank.Ledger;

/// <summary>The ledger: double entry, in one SQLite file, each payment id decided once.</summary>
internal static class LedgerService
{
    public static WebApplication Build(ServiceSettings settings, ServiceSeams seams)
    {
        var file = Path.Combine(settings.DataFolder, "ledger.db");
        try
        {
            Directory.CreateDirectory(settings.DataFolder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StartFault($"the ledger's folder {settings.DataFolder} cannot be made: {fault.Message}");
        }

        var builder = ServiceHost.CreateBuilder(settings, seams);
        builder.Services.AddSingleton(_ => LedgerBook.Open(file, seams.Time));
        builder.Services.AddSingleton(new LedgerReader(file, seams.Time));
        builder.Services.AddSingleton<LedgerWriter>();
        builder.Services.AddHostedService(services => services.GetRequiredService<LedgerWriter>());
        var app = ServiceHost.Build(builder);
        var writer = app.Services.GetRequiredService<LedgerWriter>();
        var reader = app.Services.GetRequiredService<LedgerReader>();
        app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("ledger")
            .LedgerOpen(file, reader.Audit().LastSequence);

        app.Post("/bookings", Wires.Booking, (booking, cancellationToken) =>
            Check(booking) is { } problem
                ? Task.FromResult<Answer<Receipt>>(problem)
                : writer.BookAsync(booking, cancellationToken));
        app.Get("/balances/{id}", BankJson.Default.Balance, context =>
            Task.FromResult(reader.Balance(context.RouteText("id"))));
        app.Get("/transactions/{id}", BankJson.Default.Receipt, context =>
            Task.FromResult(reader.Transaction(context.RouteText("id"))));
        app.Get("/entries/{id}", BankJson.Default.JournalPage, context =>
            Task.FromResult<Answer<JournalPage>>(
                reader.Entries(context.RouteText("id"), Limits.FeedItemsPerAccountMax)));
        app.Get("/journal", BankJson.Default.JournalPage, context => Task.FromResult(Journal(context, reader)));
        app.Get("/audit", BankJson.Default.Audit, _ => Task.FromResult<Answer<Audit>>(reader.Audit()));
        return app;
    }

    internal static Problem? Check(Booking booking) =>
        Rules.Id("id", booking.Id)
        ?? Rules.Id("kind", booking.Kind)
        ?? Rules.Id("from", booking.From)
        ?? Rules.Id("to", booking.To)
        ?? Rules.Different(booking.From, booking.To)
        ?? Rules.Amount(booking.Amount)
        ?? Rules.Reference(booking.Reference);

    private static Answer<JournalPage> Journal(HttpContext context, LedgerReader reader)
    {
        var query = context.Request.Query;
        var afterText = query["after"].FirstOrDefault() ?? "0";
        var limitText = query["limit"].FirstOrDefault() ?? "500";
        if (!long.TryParse(afterText, CultureInfo.InvariantCulture, out var after) || after < 0)
        {
            return Problem.Malformed($"after must be a sequence, it is '{afterText}'", "after");
        }

        return int.TryParse(limitText, CultureInfo.InvariantCulture, out var limit)
            && limit is >= 1 and <= Limits.JournalPageMax
            ? reader.Journal(after, limit)
            : Problem.Malformed($"limit must be 1 to {Limits.JournalPageMax}, it is '{limitText}'", "limit");
    }
}
