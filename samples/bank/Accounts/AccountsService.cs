using Bank.Shared;

namespace Bank.Accounts;

/// <summary>Who holds which account and in what standing. Balances are the ledger's: asked for when wanted.</summary>
internal static class AccountsService
{
    public static WebApplication Build(ServiceSettings settings, ServiceSeams seams)
    {
        var app = ServiceHost.Build(ServiceHost.CreateBuilder(settings, seams));
        var router = app.Services.GetRequiredService<RouterClient>();

        app.Get("/accounts/{id}", BankJson.Default.Account, context => WithBalanceAsync(context, router));
        app.Get("/accounts/{id}/standing", BankJson.Default.Account, context =>
            Task.FromResult(Find(context.RouteText("id"))));
        app.Get("/accounts", BankJson.Default.AccountList, context =>
            Task.FromResult<Answer<AccountList>>(Search(context.Request.Query["name"].FirstOrDefault() ?? "")));
        return app;
    }

    private static async Task<Answer<Account>> WithBalanceAsync(HttpContext context, RouterClient router)
    {
        if (Find(context.RouteText("id")).IsProblem(out var unknown, out var account))
        {
            return unknown;
        }

        var call = Call<Balance>.Get("ledger", $"/balances/{account.Id}", BankJson.Default.Balance);
        var asked = await router.SendAsync(call, context.RequestAborted);
        return asked.IsProblem(out var problem, out var balance) ? problem : account with { Balance = balance };
    }

    private static Answer<Account> Find(string id) =>
        Seed.Accounts.TryGetValue(id, out var account) ? account : Problem.NotFound("account", id);

    private static AccountList Search(string name) => new(
        [.. Seed.Accounts.Values
            .Where(account => account.Name.Contains(name, StringComparison.OrdinalIgnoreCase))
            .OrderBy(account => account.Id, StringComparer.Ordinal)
            .Take(50)]);
}
