using System.Net;
using System.Text;
using System.Text.Json;
using Mainstay.Conformance.Platform;

namespace Mainstay.Conformance.Store.Members;

/// <summary>
/// An API server over three members of Debian's etcd, one of which stops answering, then two: writes and watches go on,
/// what is the matter is told by name, and nothing old is given out as new.
/// </summary>
public sealed class ApiServerOnMembersTests : IDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mainstay-members-api-");
    private readonly Uri _server = new($"https://127.0.0.1:{FreePorts.Row(1)}");

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
    })
    {
        Timeout = TimeSpan.FromSeconds(20),
        DefaultRequestHeaders = { { "Authorization", "Bearer secret" } },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mute_member_and_a_lost_quorum_are_told_by_name_and_no_old_state_passes_for_new()
    {
        using var cluster = await DebianCluster.StartAsync(3);
        using var server = await StartServerAsync(cluster);
        await CreateAsync("first");

        var used = cluster.At(new Uri(await CurrentAsync()));
        await used.PauseAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => EnsureAsync($"while-mute-{i}")));
        await SignalAsync("store-member-mute", $"store/{used.Name}", isActive: true);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/readyz"));
        await used.ResumeAsync();
        await SignalAsync("store-member-mute", $"store/{used.Name}", isActive: false);

        var inUse = await CurrentAsync();
        var others = cluster.Members.Where(member => DebianMember.Text(member.Client) != inUse).ToList();
        await Task.WhenAll(others.Select(member => member.PauseAsync()));
        await SignalAsync("no-quorum", "store", isActive: true);
        Assert.NotEqual(HttpStatusCode.OK, await StatusAsync("/api/v1/namespaces/default/configmaps"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/api/v1/namespaces/default/configmaps?resourceVersion=0"));
        await Eventually.TrueAsync(
            "the server says that it is not ready",
            Deadline,
            async () => await StatusAsync("/readyz") == HttpStatusCode.InternalServerError,
            Cancellation);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/livez"));
        await Task.WhenAll(others.Select(member => member.ResumeAsync()));
        await SignalAsync("no-quorum", "store", isActive: false);
        await EnsureAsync("last");

        var byQuorum = await NamesAsync("");
        Assert.Equal(22, byQuorum.Count(name => name != "kube-root-ca.crt"));
        await Eventually.TrueAsync(
            "the cache has what the store has",
            Deadline,
            async () => (await NamesAsync("?resourceVersion=0")).SequenceEqual(byQuorum),
            Cancellation);
    }

    public void Dispose()
    {
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<Child> StartServerAsync(DebianCluster cluster)
    {
        var tokens = Path.Combine(_folder.FullName, "tokens.csv");
        await File.WriteAllTextAsync(tokens, "secret,admin,admin,\"system:masters\"\n", Cancellation);
        var server = Child.Start(
            Peers.Mainstay,
            "api",
            "--etcd-servers", string.Join(',', cluster.Members.Select(member => DebianMember.Text(member.Client))),
            "--listen", _server.Authority,
            "--pki-dir", Path.Combine(_folder.FullName, "pki"),
            "--token-auth-file", tokens);
        await Eventually.TrueAsync(
            "the API server is ready",
            StartDeadline,
            async () => await StatusAsync("/readyz") == HttpStatusCode.OK
                && await StatusAsync("/api/v1/namespaces/default") == HttpStatusCode.OK,
            Cancellation);
        return server;
    }

    /// <summary>As a client does it: tried again until it is there, whatever became of the tries before.</summary>
    private Task EnsureAsync(string name) => Eventually.TrueAsync(
        $"{name} is written", Deadline, async () => await CreateAsync(name) is 201 or 409, Cancellation);

    private async Task<int> CreateAsync(string name)
    {
        using var body = new StringContent(
            $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}"}}""",
            Encoding.UTF8,
            "application/json");
        using var answer = await _http.PostAsync(At("/api/v1/namespaces/default/configmaps"), body, Cancellation);
        return (int)answer.StatusCode;
    }

    private Task SignalAsync(string name, string subject, bool isActive) => Eventually.TrueAsync(
        $"{name} on {subject} {(isActive ? "is" : "is no longer")} active",
        Deadline,
        async () => (await JsonAsync("/signals.json")).GetProperty("signals").EnumerateArray().Any(signal =>
            signal.GetProperty("name").GetString() == name
            && signal.GetProperty("subject").GetString() == subject) == isActive,
        Cancellation);

    private async Task<string> CurrentAsync() =>
        (await JsonAsync("/mainstay/store.json")).GetProperty("currentEndpoint").GetString() ?? "";

    private async Task<List<string>> NamesAsync(string query)
    {
        var list = await JsonAsync($"/api/v1/namespaces/default/configmaps{query}");
        return
        [
            .. list.GetProperty("items").EnumerateArray()
                .Select(item => item.GetProperty("metadata").GetProperty("name").GetString() ?? "")
                .Order(StringComparer.Ordinal),
        ];
    }

    private async Task<JsonElement> JsonAsync(string path)
    {
        using var document = JsonDocument.Parse(await _http.GetStringAsync(At(path), Cancellation));
        return document.RootElement.Clone();
    }

    private async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var answer = await _http.GetAsync(At(path), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        return answer.StatusCode;
    }

    private Uri At(string path) => new(_server, path);
}
