using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Mainstay.Kube;

namespace Mainstay.Tests.Kube;

public class KubeHttpTests
{
    private static readonly CancellationToken Never = CancellationToken.None;

    [Fact]
    public async Task A_refusal_is_told_with_the_servers_own_words()
    {
        await using var server = (await FakeApiServer.StartAsync()).ThenText(
            """{"kind":"Status","code":409,"reason":"AlreadyExists","message":"pods \"a\" already exists"}""", 409);
        using var http = KubeHttp.Create(server.Kubeconfig);
        var fault = await Assert.ThrowsAsync<KubeStatusException>(() =>
            http.CreateAsync("/api/v1/x", new JsonObject(), Never));
        Assert.Equal((HttpStatusCode.Conflict, true, false), (fault.Code, fault.IsAlreadyExists, fault.IsConflict));
        Assert.Contains("POST /api/v1/x: 409 AlreadyExists: pods \"a\" already exists", fault.Message);
    }

    [Fact]
    public async Task The_token_and_the_kind_of_patch_are_sent()
    {
        await using var server = (await FakeApiServer.StartAsync()).Then(async c =>
        {
            var body = await new StreamReader(c.Request.Body).ReadToEndAsync();
            var said = $"{c.Request.Headers.Authorization} {c.Request.ContentType} {body}";
            var seen = new JsonObject { ["seen"] = said };
            await c.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(seen.ToJsonString()));
        });
        using var http = KubeHttp.Create(server.Kubeconfig);
        using var answer = await http.MergeAsync("/x", new JsonObject { ["a"] = 1 }, Never);
        Assert.Equal("""Bearer t application/merge-patch+json {"a":1}""", answer.RootElement.Text("seen"));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_in_time_is_a_timeout()
    {
        await using var server = (await FakeApiServer.StartAsync()).ThenWatch();
        using var http = KubeHttp.Create(server.Kubeconfig,
            new KubeHttpOptions { RequestTimeout = TimeSpan.FromMilliseconds(50) });
        await Assert.ThrowsAsync<TimeoutException>(() => http.GetAsync("/x", Never));
    }

    [Fact]
    public async Task A_request_may_name_its_server_and_its_deadline()
    {
        await using var server = (await FakeApiServer.StartAsync()).ThenText("{}").ThenWatch();
        var dead = new Uri("http://127.0.0.1:1");
        using var http = KubeHttp.Create(server.Kubeconfig with { Servers = [dead, server.Address] });
        var request = new KubeRequest(HttpMethod.Get, "/x")
        {
            Server = server.Address,
            Timeout = TimeSpan.FromMilliseconds(50),
        };
        using var answer = await http.AnswerAsync(request with { Timeout = null }, Never);
        var late = await Assert.ThrowsAsync<TimeoutException>(() => http.AnswerAsync(request, Never));
        Assert.Contains("no answer within 0.1 s", late.Message);
        Assert.Equal(dead, http.Server);
    }

    [Fact]
    public async Task Leaving_may_name_where_to_go()
    {
        await using var server = (await FakeApiServer.StartAsync()).ThenText("{}");
        var (first, last) = (new Uri("http://127.0.0.1:1"), server.Address);
        using var http = KubeHttp.Create(
            server.Kubeconfig with { Servers = [first, new Uri("http://127.0.0.1:2"), last] });
        http.Leave(first, last);
        Assert.Equal(last, http.Server);
        http.Leave(last, new Uri("http://unknown"));
        Assert.Equal(first, http.Server);
    }

    [Fact]
    public void Two_who_find_one_server_at_fault_turn_once_and_a_server_that_answers_is_turned_to_in_any_case()
    {
        Uri[] servers = [new("http://127.0.0.1:1"), new("http://127.0.0.1:2"), new("http://127.0.0.1:3")];
        using var http = KubeHttp.Create(new Kubeconfig { Servers = [.. servers], Token = "t" });
        var (first, second) = (http.Server, http.Server);

        http.Leave(first);
        http.Leave(second);
        Assert.Equal(servers[1], http.Server);

        http.Leave(first, servers[2]);
        Assert.Equal(servers[2], http.Server);
    }

    [Fact]
    public async Task After_a_renewal_requests_take_new_connections()
    {
        var connections = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var server = await FakeApiServer.StartAsync();
        server.Then(async c =>
        {
            connections.Enqueue(c.Connection.Id);
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(c.Response, "{}");
        });
        using var http = KubeHttp.Create(server.Kubeconfig);
        using (await http.GetAsync("/x", Never))
        using (await http.GetAsync("/x", Never))
        {
            http.Renew();
        }
        using var answer = await http.GetAsync("/x", Never);
        Assert.Equal(2, connections.Distinct().Count());
        Assert.Equal(connections.First(), connections.ElementAt(1));
    }

    [Fact]
    public async Task Renewals_end_no_request_that_is_being_sent_and_close_what_nobody_uses()
    {
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        var closed = new TaskCompletionSource();
        await using var server = await FakeApiServer.StartAsync();
        server.Then(async c =>
        {
            var connection = c.Features.Get<Microsoft.AspNetCore.Connections.Features.IConnectionLifetimeFeature>();
            connection?.ConnectionClosed.Register(closed.SetResult);
            asked.SetResult();
            await answer.Task;
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(c.Response, """{"v":"late"}""");
        }).ThenText("{}");
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var http = KubeHttp.Create(server.Kubeconfig, new KubeHttpOptions { Time = time });
        var slow = http.GetAsync("/slow", Never);
        await asked.Task;

        for (var renewal = 0; renewal < 4; renewal++)
        {
            http.Renew();
            using var meanwhile = await http.GetAsync("/x", Never);
            time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.False(closed.Task.IsCompleted);
        answer.SetResult();

        using (var late = await slow)
        {
            Assert.Equal("late", late.RootElement.Text("v"));
        }
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Leaving_a_server_turns_to_the_next_and_only_once()
    {
        await using var server = (await FakeApiServer.StartAsync()).ThenText("{}");
        var dead = new Uri("http://127.0.0.1:1");
        using var http = KubeHttp.Create(server.Kubeconfig with { Servers = [dead, server.Address] });
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("/x", Never));
        http.Leave(dead);
        http.Leave(dead);
        using var answer = await http.GetAsync("/x", Never);
        Assert.Equal(server.Address, http.Server);
    }

    [Fact]
    public async Task Only_a_server_of_the_named_authority_is_trusted()
    {
        using var authority = Authority("ours");
        using var foreign = Authority("theirs");
        using var certificate = Issue(authority);
        await using var server = (await FakeApiServer.StartAsync(certificate)).ThenText("{}");
        var trusted = server.Kubeconfig with { CertificateAuthorityPem = authority.ExportCertificatePem() };
        using (var http = KubeHttp.Create(trusted))
        {
            using var answer = await http.GetAsync("/x", Never);
        }
        var kubeconfigs = new[]
        {
            server.Kubeconfig,
            server.Kubeconfig with { CertificateAuthorityPem = foreign.ExportCertificatePem() },
            trusted with { TlsServerName = "another.example" },
        };
        foreach (var kubeconfig in kubeconfigs)
        {
            using var http = KubeHttp.Create(kubeconfig);
            await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("/x", Never));
        }
        using var careless = KubeHttp.Create(server.Kubeconfig with { InsecureSkipTlsVerify = true });
        using var taken = await careless.GetAsync("/x", Never);
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var bare = request.Create(authority, now.AddHours(-1), now.AddHours(1), [1, 2, 3]);
        return bare.CopyWithPrivateKey(key);
    }
}
