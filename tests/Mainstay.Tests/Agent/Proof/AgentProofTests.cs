using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.Agent;
using Mainstay.Agent.Proof;

namespace Mainstay.Tests.Agent.Proof;

/// <summary>A real agent with real pods proves its restart by a real throw-away agent, with no API server.</summary>
public sealed class AgentProofTests : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-proof").FullName;
    private readonly string _network = $"127.{150 + (Environment.ProcessId % 49)}";
    private readonly HttpClient _http = new();
    private readonly int _port;

    public AgentProofTests()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse($"{_network}.0.1"), 0));
        _port = ((IPEndPoint?)socket.LocalEndPoint)?.Port ?? 0;
        Directory.CreateDirectory(Image);
        File.WriteAllText(Path.Combine(Image, "image.json"), """{"entrypoint": ["/bin/sleep", "600"]}""");
        Directory.CreateDirectory(Manifests);
        File.WriteAllText(Manifest, """
            apiVersion: v1
            kind: Pod
            metadata: {name: sleeper, namespace: bank}
            spec:
              terminationGracePeriodSeconds: 1
              containers: [{name: main, image: "test/sleeper:v1"}]
            """);
    }

    private string Image => Path.Combine(_folder, "images", "test", "sleeper", "v1");

    private string Manifests => Path.Combine(_folder, "manifests");

    private string Manifest => Path.Combine(Manifests, "sleeper.yaml");

    private string Data => Path.Combine(_folder, "node-1");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await NodeTeardown.RunAsync(Data, TimeSpan.Zero, CancellationToken.None);
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_restart_is_proven_safe_until_something_that_a_pod_needs_is_gone()
    {
        await RunAsync(async () =>
        {
            await ReadyAsync();
            while (!IsKeptAsReady())
            {
                await Task.Yield(); // It is told a moment before it is written.
            }

            var before = Everything();

            var safe = await ProveAsync();
            Assert.Equal("safe", safe.GetProperty("result").GetString());
            var warm = safe.GetProperty("runs")[1];
            Assert.Equal((1, 1), (warm.GetProperty("pods").GetInt32(), warm.GetProperty("adopted").GetInt32()));
            Assert.Equal(1, safe.GetProperty("runs")[0].GetProperty("startable").GetInt32());
            Assert.Equal(before, Everything());

            Directory.Move(Image, Image + "-gone");
            var lost = await ProveAsync();
            Assert.Equal("unsafe", lost.GetProperty("result").GetString());
            Assert.Equal("sleeper-node-1", lost.GetProperty("object").GetProperty("name").GetString());
            Assert.Contains("test/sleeper:v1", lost.GetProperty("reason").GetString(), StringComparison.Ordinal);
            var metrics = await _http.GetStringAsync(Url("metrics"), Token);
            Assert.Contains("mainstay_restart_safe{", metrics, StringComparison.Ordinal);
            Directory.Move(Image + "-gone", Image);

            await File.WriteAllTextAsync(RunFile(), "{", Token);
            var unknown = await ProveAsync();
            Assert.Equal("unsafe", unknown.GetProperty("result").GetString());
            Assert.Contains("would be ended", unknown.GetProperty("reason").GetString(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_manifest_that_makes_no_sense_when_the_agent_starts_again_stops_no_pod()
    {
        await RunAsync(async () => await ReadyAsync());
        await File.WriteAllTextAsync(Manifest, "kind: [", Token);
        await RunAsync(async () =>
        {
            Assert.Equal("safe", (await ProveAsync()).GetProperty("result").GetString());
            // The proof is behind the first reading of the manifests, and the pod stands as it was.
            await ReadyAsync();
        });
    }

    private async Task RunAsync(Func<Task> body)
    {
        using var stop = new CancellationTokenSource();
        var running = NodeAgentHost.RunAsync(Options(), stop.Token);
        try
        {
            await body().WaitAsync(Deadline, Token);
        }
        finally
        {
            await stop.CancelAsync();
            await running.WaitAsync(Deadline, CancellationToken.None);
        }
    }

    private NodeAgentOptions Options() => new()
    {
        Name = "node-1",
        Address = $"{_network}.0.1",
        PodCidr = $"{_network}.0.0/16",
        DataFolder = Data,
        ImagesFolder = Path.Combine(_folder, "images"),
        VolumesFolder = Path.Combine(_folder, "volumes"),
        ManifestsFolder = Manifests,
        Port = _port,
        HostEnvironment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" },
        ThrowAway = new ThrowAwayCommand(
        [
            Path.Combine(AppContext.BaseDirectory, "mainstay"), "node", "--name", "node-1", "--address",
            $"{_network}.0.1", "--pod-cidr", $"{_network}.0.0/16", "--data-dir", Data, "--images",
            Path.Combine(_folder, "images"), "--volumes", Path.Combine(_folder, "volumes"), "--manifests", Manifests,
            "--prove",
        ], [.. Inherited()]),
    };

    private static IEnumerable<string> Inherited() => Environment.GetEnvironmentVariables()
        .Cast<System.Collections.DictionaryEntry>().Select(variable => $"{variable.Key}={variable.Value}");

    private string RunFile() => Directory.GetFiles(Data, "run.json", SearchOption.AllDirectories).Single();

    private bool IsKeptAsReady() =>
        JsonNode.Parse(File.ReadAllText(RunFile()))?["Status"]?["conditions"] is JsonArray conditions
        && conditions.Any(one => one?["type"]?.ToString() == "Ready" && one["status"]?.ToString() == "True");

    /// <summary>Every file below the agent's folder, with its size and time.</summary>
    private string[] Everything() =>
    [
        .. new DirectoryInfo(Data).EnumerateFiles("*", SearchOption.AllDirectories)
            .Select(file => $"{file.FullName} {file.Length} {file.LastWriteTimeUtc:O}").Order(StringComparer.Ordinal),
    ];

    private async Task ReadyAsync()
    {
        while (true)
        {
            try
            {
                using var reader = new StreamReader(await _http.GetStreamAsync(Url("local-pods"), Token));
                while (await reader.ReadLineAsync(Token) is { } line)
                {
                    using var pods = JsonDocument.Parse(line);
                    if (pods.RootElement.GetProperty("pods").EnumerateArray()
                        .Any(pod => pod.GetProperty("ready").GetBoolean()))
                    {
                        return;
                    }
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
                await Task.Yield();
            }
        }
    }

    private async Task<JsonElement> ProveAsync()
    {
        while (true)
        {
            try
            {
                using var answer = await _http.PostAsync(Url("prove"), null, Token);
                return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token)).RootElement;
            }
            catch (HttpRequestException)
            {
                await Task.Yield();
            }
        }
    }

    private Uri Url(string path) => new($"http://{_network}.0.1:{_port}/{path}");
}
