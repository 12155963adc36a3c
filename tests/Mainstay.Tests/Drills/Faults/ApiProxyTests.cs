using System.Net;
using System.Net.Security;
using System.Text;
using Mainstay.Drills.Faults;
using Mainstay.Kube;

namespace Mainstay.Tests.Drills.Faults;

public sealed class ApiProxyTests : IAsyncLifetime
{
    private const string Slices = "/apis/discovery.k8s.io/v1/endpointslices";

    private readonly ScriptedApi _api = new();
    private ApiProxy _proxy = null!; // made before each test, below
    private KubeHttp _client = null!;

    private static CancellationToken Soon => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _api.StartAsync();
        _proxy = await ApiProxy.StartAsync(new ApiProxyOptions { Upstream = _api.Url }, Soon);
        _client = KubeHttp.Create(new Kubeconfig
        {
            Servers = [_proxy.Url],
            CertificateAuthorityPem = _proxy.CertificatePem,
            Token = "secret",
        });
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _proxy.DisposeAsync();
        await _api.DisposeAsync();
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Without_a_fault_every_byte_passes_over_either_version(string version)
    {
        _api.Body = "{ \"odd\" :\t[1,\n2], \"text\": \"\\u00e9\" }";
        using var http = new HttpClient(Trusting())
        {
            DefaultRequestVersion = new Version(version),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_proxy.Url, $"{Slices}?limit=1"))
        {
            Version = new Version(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent("{\"a\": 1}", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Authorization", "Bearer secret");

        using var answer = await http.SendAsync(request, Soon);

        Assert.Equal(_api.Body, await answer.Content.ReadAsStringAsync(Soon));
        Assert.Equal($"POST {Slices}?limit=1 Bearer secret {{\"a\": 1}}", _api.LastRequest);
    }

    [Fact]
    public async Task A_mute_watch_stays_open_and_its_events_come_once_the_fault_is_lifted()
    {
        using var watch = await _client.OpenAsync(new KubeRequest(HttpMethod.Get, $"{Slices}?watch=true"), Soon);
        using var lines = new StreamReader(await watch.Content.ReadAsStreamAsync(Soon));
        await _api.SendEventAsync("one");
        Assert.Equal("one", await lines.ReadLineAsync(Soon));

        _proxy.Faults.TurnOn(ApiFault.MuteWatches("endpointslices"));
        await _api.SendEventAsync("two");
        var next = lines.ReadLineAsync(Soon).AsTask();
        using var other = await _client.GetAsync(Slices, Soon); // lists pass meanwhile
        Assert.False(next.IsCompleted);

        _proxy.Faults.TurnOff("mute-watches");
        Assert.Equal("two", await next);
    }

    [Fact]
    public async Task A_watch_that_begins_while_mute_gets_its_headers_and_no_event()
    {
        _proxy.Faults.TurnOn(ApiFault.MuteWatches("endpointslices"));

        using var watch = await _client.OpenAsync(new KubeRequest(HttpMethod.Get, $"{Slices}?watch=true"), Soon);
        using var lines = new StreamReader(await watch.Content.ReadAsStreamAsync(Soon));
        await _api.SendEventAsync("one");
        var next = lines.ReadLineAsync(Soon).AsTask();
        using var other = await _client.GetAsync(Slices, Soon);

        Assert.True(watch.IsSuccessStatusCode);
        Assert.False(next.IsCompleted);
        Assert.Equal(1, _proxy.OpenWatches);
    }

    [Fact]
    public async Task A_cut_watch_ends_for_its_client()
    {
        using var watch = await _client.OpenAsync(new KubeRequest(HttpMethod.Get, $"{Slices}?watch=true"), Soon);
        using var lines = new StreamReader(await watch.Content.ReadAsStreamAsync(Soon));

        _proxy.CutWatches();

        await Assert.ThrowsAnyAsync<Exception>(() => lines.ReadLineAsync(Soon).AsTask());
    }

    [Fact]
    public async Task A_chosen_path_is_answered_500_and_others_pass()
    {
        _proxy.Faults.TurnOn(new ApiFault("config", new ApiEffect.Answer(500)) { PathPrefix = "/api/v1/" });

        var refusal = await Assert.ThrowsAsync<KubeStatusException>(() => _client.GetAsync("/api/v1/pods", Soon));
        using var other = await _client.GetAsync(Slices, Soon);

        Assert.Contains("500", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_call_gets_no_answer_at_all()
    {
        _proxy.Faults.TurnOn(new ApiFault("refuse", new ApiEffect.Refuse()));

        await Assert.ThrowsAsync<HttpRequestException>(() => _client.GetAsync("/api/v1/pods", Soon));
    }

    [Fact]
    public async Task A_hanging_list_is_answered_once_the_fault_is_lifted()
    {
        _proxy.Faults.TurnOn(new ApiFault("hang", new ApiEffect.Mute()) { Verbs = [ApiVerb.List] });
        var list = _client.GetAsync(Slices, Soon);
        using var other = await _client.GetAsync("/version", Soon);
        Assert.False(list.IsCompleted);

        _proxy.Faults.Clear();
        using var answer = await list;
    }

    [Fact]
    public async Task An_empty_slice_is_null_in_a_list_and_a_watch_and_as_it_was_by_name()
    {
        const string slice = """{"metadata":{"namespace":"bank","name":"new-x","""
            + """ "labels":{"kubernetes.io/service-name":"new"}},"endpoints":[]}""";
        _proxy.Faults.TurnOn(ApiFault.NullWhenEmpty("bank", "new"));
        _api.Body = $$"""{"items":[{{slice}}]}""";
        using var list = await _client.GetAsync(Slices, Soon);
        using var watch = await _client.OpenAsync(new KubeRequest(HttpMethod.Get, $"{Slices}?watch=true"), Soon);
        await _api.SendEventAsync($$"""{"type":"MODIFIED","object":{{slice}}}""");
        using var lines = new StreamReader(await watch.Content.ReadAsStreamAsync(Soon));
        var line = await lines.ReadLineAsync(Soon);
        _api.Body = slice;
        using var single = await _client.GetAsync(
            "/apis/discovery.k8s.io/v1/namespaces/bank/endpointslices/new-x", Soon);

        Assert.Equal("null", list.RootElement.GetProperty("items")[0].GetProperty("endpoints").GetRawText());
        Assert.Contains("\"endpoints\":null", line, StringComparison.Ordinal);
        Assert.Equal("[]", single.RootElement.GetProperty("endpoints").GetRawText());
    }

    private static SocketsHttpHandler Trusting() => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                certificate?.Subject == "CN=mainstay-fault-proxy",
        },
    };
}
