using Bank.Shared;

namespace Bank.Cops;

/// <summary>
/// Customer operations: what the person on the telephone sees. A part of the picture that cannot be had is named as
/// missing, and the rest is shown.
/// </summary>
internal static class CopsService
{
    private static readonly string[] Services = ["gateway", "accounts", "payments", "ledger", "cards", "feed"];

    public static WebApplication Build(ServiceSettings settings, ServiceSeams seams)
    {
        var app = ServiceHost.Build(ServiceHost.CreateBuilder(settings, seams));
        var router = app.Services.GetRequiredService<RouterClient>();

        app.Get("/customers/{id}", BankJson.Default.CustomerView, context =>
            LookUpAsync(context.RouteText("id"), router, context.RequestAborted));
        app.Get("/status", BankJson.Default.StatusBoard, context =>
            StatusAsync(router, seams.Time, context.RequestAborted));
        return app;
    }

    private static async Task<Answer<CustomerView>> LookUpAsync(
        string id, RouterClient router, CancellationToken cancellationToken)
    {
        if (Rules.Id("id", id) is { } invalid)
        {
            return invalid;
        }

        var asked = router.SendAsync(
            Call<Account>.Get("accounts", $"/accounts/{id}", BankJson.Default.Account), cancellationToken);
        var fed = router.SendAsync(
            Call<FeedPage>.Get("feed", $"/feed/{id}", BankJson.Default.FeedPage), cancellationToken);
        var account = await asked;
        var feed = await fed;
        if (account.Problem is { Status: 404 } unknown)
        {
            return unknown;
        }

        List<string> missing = [];
        missing.AddRange(account.Problem is { } noAccount ? [$"account: {noAccount.Detail}"] : []);
        missing.AddRange(feed.Problem is { } noFeed ? [$"feed: {noFeed.Detail}"] : []);
        return account.Value is null && feed.Value is null
            ? new Problem("nothing-known", 503, string.Join("; ", missing))
            : new CustomerView(account.Value, feed.Value, missing);
    }

    private static async Task<Answer<StatusBoard>> StatusAsync(
        RouterClient router, TimeProvider time, CancellationToken cancellationToken)
    {
        var asked = Services.Select(async service =>
        {
            var start = time.GetTimestamp();
            var call = Call<Accepted>.Get(service, "/healthz", BankJson.Default.Accepted) with { Tries = 1 };
            var answer = await router.SendAsync(call, cancellationToken);
            var took = Math.Round(time.GetElapsedTime(start).TotalMilliseconds, 1);
            return new ServiceStatus(service, answer.Problem is null, took, answer.Problem?.Detail);
        });
        return new StatusBoard(await Task.WhenAll(asked));
    }
}
