using System.Net.Sockets;
using Bank;
using Bank.Accounts;
using Bank.Cards;
using Bank.Cops;
using Bank.Customers;
using Bank.Feed;
using Bank.Gateway;
using Bank.Ledger;
using Bank.Payments;
using Bank.Shared;
using Bank.Standin;

// bank SERVICE: runs one service of the bank until SIGTERM. Exit 2: wrong words or settings; 3: it cannot start.
Func<ServiceSettings, ServiceSeams, WebApplication>? build = args is [var verb, ..]
    ? verb switch
    {
        "gateway" => GatewayService.Build,
        "accounts" => AccountsService.Build,
        "payments" => PaymentsService.Build,
        "ledger" => LedgerService.Build,
        "cards" => CardsService.Build,
        "feed" => FeedService.Build,
        "cops" => CopsService.Build,
        "customers" => CustomersService.Build,
        "standin" => StandinService.Build,
        _ => null,
    }
    : null;
if (build is null)
{
    await Console.Error.WriteLineAsync(
        "usage: bank gateway|accounts|payments [v2-broken]|ledger|cards|feed|cops|customers|standin");
    return 2;
}

var read = ServiceSettings.Read(args, Environment.GetEnvironmentVariables());
if (read.Settings is not { } settings)
{
    await Console.Error.WriteLineAsync($"bank {args[0]}: {string.Join("; ", read.Faults)}");
    return 2;
}

try
{
    var seams = new ServiceSeams(TimeProvider.System, new Chance(new Random()), Router: null);
    await using var app = build(settings, seams);
    await app.RunAsync();
    return 0;
}
catch (Exception fault) when (fault is IOException or SocketException or StartFault)
{
    await Console.Error.WriteLineAsync(
        $"bank {args[0]}: cannot start on {settings.Address}:{settings.Port}: {fault.Message}");
    return 3;
}
