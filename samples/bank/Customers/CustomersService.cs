using Bank.Shared;

namespace Bank.Customers;

/// <summary>The customers: a load generator that knows what it was promised, and can hold the ledger to it.</summary>
internal static class CustomersService
{
    public static WebApplication Build(ServiceSettings settings, ServiceSeams seams)
    {
        var builder = ServiceHost.CreateBuilder(settings, seams);
        builder.Services.AddSingleton<Teller>();
        builder.Services.AddSingleton<LoadGenerator>();
        builder.Services.AddSingleton<Verifier>();
        builder.Services.AddHostedService(services => services.GetRequiredService<LoadGenerator>());
        var app = ServiceHost.Build(builder);
        var load = app.Services.GetRequiredService<LoadGenerator>();
        var verifier = app.Services.GetRequiredService<Verifier>();

        app.Get("/report", BankJson.Default.LoadReport, _ => Task.FromResult<Answer<LoadReport>>(load.Report()));
        app.Get("/verification", BankJson.Default.Verification, context =>
            verifier.VerifyAsync(context.RequestAborted));
        app.MapGet("/accepted", context => WriteAcceptedAsync(context, load));
        app.Put(
            "/rate",
            new Wire<RateSetting, LoadReport>(BankJson.Default.RateSetting, BankJson.Default.LoadReport),
            (rate, _) => Task.FromResult(SetRate(load, rate.PerSecond)));
        return app;
    }

    private static Answer<LoadReport> SetRate(LoadGenerator load, double perSecond)
    {
        if (!(perSecond >= 0 && perSecond <= Limits.RatePerSecondMax))
        {
            return Problem.Invalid("perSecond", $"perSecond must be 0 to {Limits.RatePerSecondMax}, it is {perSecond}");
        }

        load.RatePerSecond = perSecond;
        return load.Report();
    }

    /// <summary>The ids of all accepted payments, one a line.</summary>
    private static async Task WriteAcceptedAsync(HttpContext context, LoadGenerator load)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        await using var body = new StreamWriter(context.Response.Body);
        for (var number = 1L; number < load.Accepted.End; number++)
        {
            if (load.Accepted.Holds(number))
            {
                await body.WriteLineAsync(JourneyPlan.Number(load.Run, number).Id.AsMemory(), context.RequestAborted);
            }
        }
    }
}
