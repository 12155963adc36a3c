using System.Text.Json;
using Mainstay.Tests.Architecture;

namespace Mainstay.Conformance.Platform;

/// <summary>
/// A whole platform as a user starts it: <c>./mainstay up --detach</c> over a temporary folder, and <c>down</c> at
/// the end.
/// </summary>
internal sealed class RunningPlatform : IAsyncDisposable
{
    /// <summary>
    /// Longer than up's own deadline for its start, so that its words about a failed start are heard.
    /// </summary>
    private static readonly TimeSpan UpDeadline = TimeSpan.FromMinutes(6);

    private static readonly TimeSpan ActionPatience = TimeSpan.FromSeconds(120);

    private readonly PlatformSlot _slot = PlatformSlot.Take();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(15) };

    private readonly IReadOnlyDictionary<string, string> _environment;

    private RunningPlatform(string data, IReadOnlyDictionary<string, string> environment)
    {
        Data = data;
        _environment = environment;
    }

    public string Data { get; }

    public string UpOutput { get; private set; } = "";

    public string Router => $"http://127.0.0.1:{4140 + _slot.PortOffset}";

    public string Console => $"http://127.0.0.1:{7070 + _slot.PortOffset}";

    public string StatusPage => $"http://127.0.0.1:{7080 + _slot.PortOffset}";

    public string Store => $"127.0.0.1:{2379 + _slot.PortOffset}";

    /// <summary>The API server of a node; those after the first are there with <c>--api-servers</c>.</summary>
    public string ApiServer(int node) =>
        node == 1 ? $"https://127.0.0.1:{6443 + _slot.PortOffset}" : $"https://{NodeAddress(node)}:6443";

    public string RouterAdmin(int node) => $"http://{NodeAddress(node)}:9990";

    public string NodeAddress(int node) => $"127.{16 + _slot.NodeOffset + node}.0.1";

    /// <summary>Where one part of node 1 answers /metrics.</summary>
    public string MetricsAddress(string part) => part switch
    {
        "store" => $"127.0.0.1:{2381 + _slot.PortOffset}",
        "controllers" => $"127.0.0.1:{10257 + _slot.PortOffset}",
        "console" => $"127.0.0.1:{7070 + _slot.PortOffset}",
        "agent" => $"{NodeAddress(1)}:10250",
        "router" => $"{NodeAddress(1)}:9990",
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, "no such part"),
    };

    public string Kubeconfig => Path.Combine(Data, "kubeconfig");

    /// <param name="words">what follows <c>up --detach</c></param>
    public static Task<RunningPlatform> UpAsync(CancellationToken cancellationToken, params string[] words) =>
        UpAsync(new Dictionary<string, string>(), words, cancellationToken);

    public static async Task<RunningPlatform> UpAsync(
        IReadOnlyDictionary<string, string> environment, string[] words, CancellationToken cancellationToken)
    {
        var platform = new RunningPlatform(Directory.CreateTempSubdirectory("mainstay-test-").FullName, environment);
        try
        {
            var up = await platform.StartAsync(cancellationToken, words);
            platform.UpOutput = up.Succeeded().Output;
            return platform;
        }
        catch
        {
            await platform.DisposeAsync();
            throw;
        }
    }

    public Task<CommandResult> StartAsync(CancellationToken cancellationToken, params string[] words) => RunAsync(
        cancellationToken,
        [
            "up", "--detach", "--data", Data, "--port-offset", $"{_slot.PortOffset}",
            "--node-offset", $"{_slot.NodeOffset}", .. words,
        ]);

    public Task<CommandResult> DownAsync(CancellationToken cancellationToken) =>
        RunAsync(cancellationToken, "down", "--data", Data);

    public Task<CommandResult> StatusAsync(CancellationToken cancellationToken) =>
        RunAsync(cancellationToken, "status", "--data", Data, "-o", "json");

    public static Task<CommandResult> MainstayAsync(CancellationToken cancellationToken, params string[] words) =>
        new Command(SourceTree.Path("mainstay"), words) { Deadline = UpDeadline }.RunAsync(cancellationToken);

    /// <summary>A verb on this platform, as an operator types it.</summary>
    public Task<CommandResult> VerbAsync(CancellationToken cancellationToken, params string[] words) =>
        MainstayAsync(cancellationToken, [.. words, "--data", Data]);

    /// <summary>
    /// A guarded action. A busy machine may make a hop late for a moment, and then it is refused, as it should be:
    /// nothing was done, and it is asked for again.
    /// </summary>
    public async Task<CommandResult> OnceItGoesAsync(CancellationToken cancellationToken, params string[] words)
    {
        var result = await VerbAsync(cancellationToken, words);
        await Eventually.TrueAsync($"{string.Join(' ', words)} is not refused", ActionPatience, async () =>
        {
            var isRefused = result.Output.Contains("REFUSED", StringComparison.Ordinal)
                || result.Output.Contains("\"state\": \"refused\"", StringComparison.Ordinal);
            result = isRefused ? await VerbAsync(cancellationToken, words) : result;
            return !isRefused;
        }, cancellationToken);
        return result;
    }

    public Task<CommandResult> KubectlAsync(CancellationToken cancellationToken, params string[] words) =>
        new Command("kubectl", ["--kubeconfig", Kubeconfig, .. words]) { Deadline = TimeSpan.FromMinutes(3) }
            .RunAsync(cancellationToken);

    /// <summary>A call through the router of node 1, by logical name.</summary>
    public async Task<HttpResponseMessage> CallAsync(
        HttpMethod method, string name, string path, string? json, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, Router + path);
        request.Headers.Host = name;
        if (json is not null)
        {
            request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        }

        return await _http.SendAsync(request, cancellationToken);
    }

    public async Task<JsonElement> ReadAsync(string name, string path, CancellationToken cancellationToken)
    {
        using var answer = await CallAsync(HttpMethod.Get, name, path, null, cancellationToken);
        answer.EnsureSuccessStatusCode();
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
        return document.RootElement.Clone();
    }

    public async Task<JsonElement> TableAsync(int node, CancellationToken cancellationToken)
    {
        var text = await _http.GetStringAsync($"{RouterAdmin(node)}/table.json", cancellationToken);
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    /// <summary>Processes of this platform and its pods, by their command line or their folder.</summary>
    public IReadOnlyList<PlatformProcess> Processes() => PlatformProcess.Of(Data);

    private Task<CommandResult> RunAsync(CancellationToken cancellationToken, params string[] words) =>
        new Command(SourceTree.Path("mainstay"), words) { Deadline = UpDeadline, Environment = _environment }
            .RunAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await DownAsync(CancellationToken.None);
        _http.Dispose();
        _slot.Dispose();
        Directory.Delete(Data, recursive: true);
    }
}
