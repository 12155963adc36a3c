using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace Mainstay.Conformance.ApiServer;

/// <summary>What an HTTP request was answered with.</summary>
internal sealed record Answer(int Code, JsonNode Json)
{
    public string Reason => Json["reason"]?.GetValue<string>() ?? "";

    public string Message => Json["message"]?.GetValue<string>() ?? "";

    public string Revision => Json["metadata"]?["resourceVersion"]?.GetValue<string>() ?? "";

    public IEnumerable<string> CauseFields =>
        (Json["details"]?["causes"] as JsonArray ?? []).Select(cause => cause?["field"]?.GetValue<string>() ?? "");
}

/// <summary>How kubectl ended and what it said.</summary>
internal sealed record Told(int ExitCode, string Output, string Error)
{
    public string Succeeded()
    {
        Assert.True(ExitCode == 0, $"kubectl ended with {ExitCode}\n{Output}\n{Error}");
        return Output;
    }
}

/// <summary>kubectl and plain requests against one server, each session in a namespace of its own.</summary>
internal sealed class ApiServerSession(ApiServerFixture fixture, string ns)
{
    private static readonly TimeSpan KubectlDeadline = TimeSpan.FromSeconds(60);

    public string Namespace { get; } = ns;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<ApiServerSession> OpenAsync(ApiServerFixture fixture, string ns)
    {
        Assert.SkipUnless(fixture.IsHere, "kube-apiserver has not been built on this machine");
        var session = new ApiServerSession(fixture, ns);
        await session.SendAsync(
            HttpMethod.Post,
            "/api/v1/namespaces",
            $$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{ns}}}"}}""");
        return session;
    }

    /// <param name="path">below the namespace for a path without a leading slash, such as <c>configmaps/x</c></param>
    public Task<Answer> SendAsync(HttpMethod method, string path, string? body = null) =>
        SendAsync(method, path, body, "application/json");

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? body, string mediaType)
    {
        using var request = new HttpRequestMessage(method, UrlOf(path));
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, mediaType);
        }

        using var response = await fixture.Http.SendAsync(request, Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        var json = text.StartsWith('{') ? JsonNode.Parse(text) : null;
        return new Answer((int)response.StatusCode, json ?? new JsonObject { ["text"] = text });
    }

    public async Task<string> ReadAsync(string path) => await fixture.Http.GetStringAsync(UrlOf(path), Cancel);

    /// <summary>The events of a watch, each as it comes.</summary>
    public async Task<WatchLines> WatchAsync(string path)
    {
        var response = await fixture.Http.GetAsync(UrlOf(path), HttpCompletionOption.ResponseHeadersRead, Cancel);
        return new WatchLines(response, await response.Content.ReadAsStreamAsync(Cancel));
    }

    public Task<Answer> CreateConfigMapAsync(string name, string labels = "") => SendAsync(
        HttpMethod.Post,
        "configmaps",
        $$$"""
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","labels":{ {{{labels}}} } } }
        """);

    public Task<Answer> PatchAsync(string path, string patch) =>
        SendAsync(HttpMethod.Patch, path, patch, "application/merge-patch+json");

    public Task<Told> KubectlAsync(params string[] words) => KubectlAsync("", words);

    public async Task<Told> KubectlAsync(string input, string[] words)
    {
        using var process = StartKubectl(words);
        await process.StandardInput.WriteAsync(input.AsMemory(), Cancel);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(Cancel);
        var error = process.StandardError.ReadToEndAsync(Cancel);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(KubectlDeadline);
        await process.WaitForExitAsync(deadline.Token);
        return new Told(process.ExitCode, await output, await error);
    }

    public Process StartKubectl(params string[] words)
    {
        var start = new ProcessStartInfo("kubectl", ["--kubeconfig", fixture.KubeconfigPath, "-n", Namespace, .. words])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException("kubectl did not start");
    }

    private Uri UrlOf(string path) => new(fixture.Server + (path.StartsWith('/')
        ? path
        : path.StartsWith("apps/", StringComparison.Ordinal)
            ? $"/apis/apps/v1/namespaces/{Namespace}/{path["apps/".Length..]}"
            : $"/api/v1/namespaces/{Namespace}/{path}"));
}

/// <summary>A watch, read line by line with a deadline.</summary>
internal sealed class WatchLines(HttpResponseMessage response, Stream stream) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly StreamReader _reader = new(stream);

    public int Code => (int)response.StatusCode;

    /// <returns>the next event; null at the end of the watch</returns>
    public async Task<JsonNode?> NextAsync()
    {
        var line = await _reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Deadline);
        return line is null ? null : JsonNode.Parse(line);
    }

    /// <summary>The next events as <c>ADDED a</c>.</summary>
    public async Task<List<string>> NextAsync(int count)
    {
        var events = new List<string>();
        while (events.Count < count && await NextAsync() is { } one)
        {
            events.Add($"{one["type"]} {one["object"]?["metadata"]?["name"]}");
        }

        return events;
    }

    public void Dispose()
    {
        _reader.Dispose();
        response.Dispose();
    }
}
