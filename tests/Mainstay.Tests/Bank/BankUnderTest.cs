using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
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
using Microsoft.AspNetCore.Builder;

namespace Mainstay.Tests.Bank;

/// <summary>
/// Services of the bank in this process, each on a port of its own, behind a router that knows names only.
/// </summary>
internal sealed class BankUnderTest : IAsyncDisposable
{
    private readonly Dictionary<string, WebApplication> _services = [];
    private readonly HttpClient _client;

    private BankUnderTest()
    {
        Router = new NameRouter();
        _client = new HttpClient(Router, disposeHandler: false) { Timeout = TimeSpan.FromSeconds(30) };
        Folder = Directory.CreateTempSubdirectory("bank-").FullName;
    }

    public NameRouter Router { get; }

    public string Folder { get; }

    public static async Task<BankUnderTest> StartAsync(params string[] services)
    {
        var bank = new BankUnderTest();
        foreach (var service in services)
        {
            await bank.StartServiceAsync(service);
        }

        return bank;
    }

    public async Task StartServiceAsync(string service, string version = "", double ratePerSecond = 0)
    {
        var settings = new ServiceSettings
        {
            Service = service,
            Version = version,
            Address = IPAddress.Loopback,
            Port = 0,
            DataFolder = Folder,
            RatePerSecond = ratePerSecond,
        };
        var seams = new ServiceSeams(TimeProvider.System, new Chance(new Random(7)), Router);
        var app = service switch
        {
            "gateway" => GatewayService.Build(settings, seams),
            "accounts" => AccountsService.Build(settings, seams),
            "payments" => PaymentsService.Build(settings, seams),
            "ledger" => LedgerService.Build(settings, seams),
            "cards" => CardsService.Build(settings, seams),
            "feed" => FeedService.Build(settings, seams),
            "cops" => CopsService.Build(settings, seams),
            "customers" => CustomersService.Build(settings, seams),
            "standin" => StandinService.Build(settings, seams),
            _ => throw new ArgumentException(service),
        };
        await app.StartAsync();
        _services[service] = app;
        Router.Endpoints[service] = new Uri(app.Urls.First());
    }

    public async Task StopServiceAsync(string service)
    {
        Router.Endpoints.TryRemove(service, out _);
        if (_services.Remove(service, out var app))
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }

    public Task<BankReply> GetAsync(string url) => SendAsync(new HttpRequestMessage(HttpMethod.Get, $"http://{url}"));

    public Task<BankReply> PostAsync(string url, string json) => SendAsync(
        new HttpRequestMessage(HttpMethod.Post, $"http://{url}")
        {
            Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        });

    public async Task<BankReply> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await _client.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            var contentType = response.Content.Headers.ContentType?.MediaType ?? "";
            return new BankReply((int)response.StatusCode, contentType, text);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in _services.Values)
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        _client.Dispose();
        Router.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}

internal sealed record BankReply(int Status, string ContentType, string Text)
{
    public JsonNode Json => JsonNode.Parse(Text) ?? throw new InvalidOperationException("the answer is null");
}

/// <summary>A router that turns a name into an address, as the real one does; unknown names get its 502.</summary>
internal sealed class NameRouter : DelegatingHandler
{
    public NameRouter()
        : base(new SocketsHttpHandler { UseProxy = false })
    {
    }

    /// <summary>Services come and go while the others call: feed asks the ledger all the time.</summary>
    public ConcurrentDictionary<string, Uri> Endpoints { get; } = [];

    /// <summary>Called with each request before it is carried; an answer is given in the service's place.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?>? Before { get; set; }

    /// <summary>Called with each answer before it is given back.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage, HttpResponseMessage>? After { get; set; }

    /// <summary>What was carried, as "name/path traceparent".</summary>
    public ConcurrentQueue<string> Seen { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var uri = request.RequestUri!;
        if (Before?.Invoke(request) is { } early)
        {
            return early;
        }

        if (!Endpoints.TryGetValue(uri.Host, out var endpoint))
        {
            return new HttpResponseMessage(HttpStatusCode.BadGateway);
        }

        request.Headers.Host = uri.Host;
        request.RequestUri = new Uri(endpoint, uri.PathAndQuery);
        var response = await base.SendAsync(request, cancellationToken);

        // The handler below adds the trace, so it is there only now.
        var trace = request.Headers.TryGetValues("traceparent", out var values) ? values.First() : "";
        Seen.Enqueue($"{uri.Host}{uri.AbsolutePath} {trace}");

        return After?.Invoke(request, response) ?? response;
    }
}
