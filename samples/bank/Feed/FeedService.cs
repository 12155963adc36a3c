using Bank.Shared;

namespace Bank.Feed;

/// <summary>
/// The list of what happened on an account. Each replica reads the ledger's journal for itself and needs no disk.
/// </summary>
internal static class FeedService
{
    public static WebApplication Build(ServiceSettings settings, ServiceSeams seams)
    {
        var builder = ServiceHost.CreateBuilder(settings, seams);
        builder.Services.AddSingleton<FeedBook>();
        builder.Services.AddSingleton<FeedReader>();
        builder.Services.AddHostedService(services => services.GetRequiredService<FeedReader>());
        var app = ServiceHost.Build(builder);
        var book = app.Services.GetRequiredService<FeedBook>();
        var reader = app.Services.GetRequiredService<FeedReader>();

        app.Get("/feed/{id}", BankJson.Default.FeedPage, async context =>
        {
            var id = context.RouteText("id");
            if (!Seed.Accounts.ContainsKey(id))
            {
                return Problem.NotFound("account", id);
            }

            // Who has just paid looks at once: the answer holds all that the ledger has now, or says that it is stale.
            var problem = await reader.CatchUpAsync(context.RequestAborted);
            return book.ReadAt is { } asOf
                ? new FeedPage(id, book.Of(id), asOf, Stale: problem is not null)
                : new Problem("feed-empty", 503, $"the ledger has never been read: {problem?.Detail}");
        });
        app.Post("/nudges", Wires.Nudge, (nudge, _) =>
        {
            reader.Nudge(nudge.Sequence);
            return Task.FromResult<Answer<Accepted>>(new Accepted("noted"));
        });
        return app;
    }
}
