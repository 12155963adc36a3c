using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.Agent;
using Mainstay.Agent.Processes;
using Mainstay.Kernel;

namespace Mainstay.Tests.Agent;

/// <summary>A whole agent in this process, with real processes as its pods, and no API server.</summary>
public sealed class NodeAgentHostTests : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-node").FullName;
    private readonly string _network = $"127.{200 + (Environment.ProcessId % 50)}";
    private readonly HttpClient _http = new();
    private readonly int _port;

    public NodeAgentHostTests()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse($"{_network}.0.1"), 0));
        _port = ((IPEndPoint?)socket.LocalEndPoint)?.Port ?? 0;
        Image(
            "sleeper",
            """["/bin/bash", "-c", "trap 'echo bye; exit 0' TERM; echo hello; while :; do sleep 1 & wait; done"]""");
        Directory.CreateDirectory(Manifests);
    }

    private string Manifests => Path.Combine(_folder, "manifests");

    private string Data => Path.Combine(_folder, "node-1");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await NodeTeardown.RunAsync(Data, TimeSpan.Zero, CancellationToken.None);
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_static_pod_outlives_its_agent_and_the_next_agent_adopts_it()
    {
        Manifest("sleeper.yaml", "sleeper", "");
        int pid;
        await using (var first = Start())
        {
            var pod = await PodAsync("sleeper-node-1", pods => IsReady(pods));
            Assert.Equal($"{_network}.0.2", pod.GetProperty("ip").GetString());
            pid = await PidAsync("sleeper-node-1");
        }

        Assert.True(ProcFs.Stat(pid) is { IsAlive: true });
        await using (var second = Start())
        {
            await PodAsync("sleeper-node-1", pods => IsReady(pods));
            Assert.Equal(pid, await PidAsync("sleeper-node-1"));
            Assert.Equal("hello", await FirstLineAsync());

            File.Delete(Path.Combine(Manifests, "sleeper.yaml"));
            await PodAsync("", pods => pods is null);
            Assert.False(ProcFs.Stat(pid) is { IsAlive: true });
        }
    }

    [Fact]
    public async Task A_start_that_the_agent_did_not_live_to_write_down_is_found_and_not_done_twice()
    {
        Manifest("sleeper.yaml", "sleeper", "");
        int pid;
        await using (var first = Start())
        {
            await PodAsync("sleeper-node-1", IsReady);
            pid = await PidAsync("sleeper-node-1");
        }

        // As it stands on disk between the line "start number 0" and the line "it is process N".
        var file = Directory.GetFiles(
            Path.Combine(Data, "state", "pods"), "run.json", SearchOption.AllDirectories).Single();
        var run = JsonNode.Parse(await File.ReadAllTextAsync(file, Token));
        Assert.True(run?["State"]?["Containers"]?[0]?.AsObject().Remove("Process"));
        await File.WriteAllTextAsync(file, run?.ToJsonString(), Token);

        await using var second = Start();

        Assert.Equal(pid, await PidAsync("sleeper-node-1"));
    }

    [Fact]
    public async Task What_crashes_starts_again_and_teardown_leaves_no_process()
    {
        Manifest("sleeper.yaml", "sleeper", "");
        int second;
        await using (var agent = Start())
        {
            await PodAsync("sleeper-node-1", IsReady);
            var first = await PidAsync("sleeper-node-1");
            Assert.Equal("hello", await FirstLineAsync());
            using (var killed = System.Diagnostics.Process.GetProcessById(first))
            {
                killed.Kill();
            }

            second = await PidAsync("sleeper-node-1", other: first);
            var previous = await _http.GetStringAsync(
                Url("containerLogs/default/sleeper-node-1/main?previous=true"), Token);
            Assert.Equal("hello\n", previous);
        }

        await NodeTeardown.RunAsync(Data, TimeSpan.FromSeconds(10), Token);

        Assert.False(ProcFs.Stat(second) is { IsAlive: true });
    }

    [Fact]
    public async Task One_bad_pod_harms_no_other()
    {
        Manifest("a-broken.yaml", "sleeper", "\n  nonsense: [");
        Manifest("b-noimage.yaml", "absent", "");
        Manifest("c-good.yaml", "sleeper", "");
        await using var agent = Start();

        await PodAsync("sleeper-node-1", IsReady);

        using var pods = JsonDocument.Parse(await _http.GetStringAsync(Url("pods"), Token));
        var bad = pods.RootElement.GetProperty("items").EnumerateArray()
            .First(pod => pod.GetProperty("metadata").GetProperty("name").GetString() == "absent-node-1");
        var waiting = bad.GetProperty("status").GetProperty("containerStatuses")[0].GetProperty(
            "state").GetProperty("waiting");
        Assert.Contains("test/absent:v1", waiting.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_surged_static_pod_serves_until_the_next_one_is_ready()
    {
        Surged(version: 1);
        await File.WriteAllTextAsync(Path.Combine(_folder, "ready-1"), "", Token);
        await using var agent = Start();
        var old = await PodAsync("sleeper-node-1", IsReady);

        Surged(version: 2);
        var both = await PodsAsync(pods => pods.Count == 2);
        Assert.True(IsReady(both.Single(pod => Uid(pod) == Uid(old))));
        Assert.False(IsReady(both.Single(pod => Uid(pod) != Uid(old))));

        await File.WriteAllTextAsync(Path.Combine(_folder, "ready-2"), "", Token);
        var left = Assert.Single(await PodsAsync(pods => pods is [var one] && Uid(one) != Uid(old)));
        Assert.True(IsReady(left));
    }

    [Fact]
    public async Task A_surged_static_pod_that_never_gets_ready_is_taken_back_by_the_old_manifest()
    {
        Surged(version: 1);
        await File.WriteAllTextAsync(Path.Combine(_folder, "ready-1"), "", Token);
        await using var agent = Start();
        var old = await PodAsync("sleeper-node-1", IsReady);
        Surged(version: 2);
        await PodsAsync(pods => pods.Count == 2);

        Surged(version: 1);

        var left = Assert.Single(await PodsAsync(pods => pods.Count == 1));
        Assert.Equal((Uid(old), true), (Uid(left), IsReady(left)));
    }

    [Fact]
    public async Task A_second_agent_on_the_same_folder_is_refused_in_one_line()
    {
        await using var first = Start();
        await PodAsync("", _ => true);

        var fault = await Assert.ThrowsAsync<StartException>(() => NodeAgentHost.RunAsync(Options(_port), Token));

        Assert.Contains("in use", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_options_are_reported_all_at_once()
    {
        var options = new NodeAgentOptions
        {
            Name = "Node 1",
            Address = "here",
            PodCidr = "everywhere",
            DataFolder = Data,
            ImagesFolder = _folder,
            VolumesFolder = _folder,
            Port = 70000,
        };

        var fault = await Assert.ThrowsAsync<StartException>(() => NodeAgentHost.RunAsync(options, Token));

        Assert.Equal(ExitCodes.Usage, fault.ExitCode);
        Assert.All(
            new[] { "--name", "--address", "--pod-cidr", "--port" },
            option => Assert.Contains(option, fault.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_network_that_is_not_of_this_machine_is_refused_with_the_command_that_mends_it()
    {
        var options = Options(_port, cidr: "198.51.100.0/24");

        var fault = await Assert.ThrowsAsync<StartException>(() => NodeAgentHost.RunAsync(options, Token));

        Assert.Contains("ip route add local 198.51.100.0/24 dev lo", fault.Message, StringComparison.Ordinal);
    }

    private RunningAgent Start() => new(Options(_port));

    private NodeAgentOptions Options(int port, string? cidr = null) => new()
    {
        Name = "node-1",
        Address = $"{_network}.0.1",
        PodCidr = cidr ?? $"{_network}.0.0/16",
        DataFolder = Data,
        ImagesFolder = Path.Combine(_folder, "images"),
        VolumesFolder = Path.Combine(_folder, "volumes"),
        ManifestsFolder = Manifests,
        Port = port,
        HostEnvironment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" },
    };

    /// <summary>Reads /local-pods until the pod is as wanted; an empty name asks for the end of every pod.</summary>
    private async Task<JsonElement> PodAsync(string name, Func<JsonElement?, bool> isWanted)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(Deadline);
        while (true)
        {
            try
            {
                using var reader = new StreamReader(await _http.GetStreamAsync(Url("local-pods"), deadline.Token));
                while (await reader.ReadLineAsync(deadline.Token) is { } line)
                {
                    var pods = JsonDocument.Parse(line).RootElement.GetProperty("pods").EnumerateArray().ToList();
                    var index = pods.FindIndex(pod => name.Length == 0 || pod.GetProperty("name").GetString() == name);
                    JsonElement? pod = index < 0 ? null : pods[index];
                    if (isWanted(pod))
                    {
                        return pod ?? default;
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

    /// <summary>
    /// What the pod has written, waited for: it is ready, having no ports, before it has said anything.
    /// </summary>
    private async Task<string?> FirstLineAsync()
    {
        using var reader = new StreamReader(
            await _http.GetStreamAsync(Url("containerLogs/default/sleeper-node-1/main?follow=true"), Token));
        return await reader.ReadLineAsync(Token);
    }

    /// <summary>Reads /local-pods until the whole list is as wanted.</summary>
    private async Task<List<JsonElement>> PodsAsync(Func<List<JsonElement>, bool> areWanted)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(Deadline);
        using var reader = new StreamReader(await _http.GetStreamAsync(Url("local-pods"), deadline.Token));
        while (await reader.ReadLineAsync(deadline.Token) is { } line)
        {
            var pods = JsonDocument.Parse(line).RootElement.GetProperty("pods").EnumerateArray().ToList();
            if (areWanted(pods))
            {
                return pods;
            }
        }

        throw new InvalidOperationException("the agent has ended");
    }

    private static string? Uid(JsonElement pod) => pod.GetProperty("uid").GetString();

    private static bool IsReady(JsonElement? pod) => pod?.GetProperty("ready").GetBoolean() == true;

    /// <summary>The pid that the agent has written down for the pod, once it is another than the one named.</summary>
    private async Task<int> PidAsync(string name, int other = 0)
    {
        var found = 0;
        await PodAsync(name, _ =>
        {
            var files = Directory.GetFiles(
                Path.Combine(Data, "state", "pods"), "run.json", SearchOption.AllDirectories);
            using var run = JsonDocument.Parse(File.ReadAllText(files.Single()));
            var container = run.RootElement.GetProperty("State").GetProperty("Containers")[0];
            return container.TryGetProperty("Process", out var process)
                && (found = process.GetProperty("Pid").GetInt32()) != other;
        });
        return found;
    }

    private Uri Url(string path) => new($"http://{_network}.0.1:{_port}/{path}");

    private void Image(string name, string entrypoint)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "images", "test", name, "v1")).FullName;
        File.WriteAllText(Path.Combine(folder, "image.json"), $$"""{"entrypoint": {{entrypoint}}}""");
    }

    /// <summary>
    /// Replaced whole, as whoever writes a manifest does; it has started once the file of its version is there.
    /// </summary>
    private void Surged(int version)
    {
        var path = Path.Combine(Manifests, "sleeper.yaml");
        File.WriteAllText(
            path + ".next",
            $$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: sleeper, annotations: {mainstay.dev/surge: "true"} }
            spec:
              terminationGracePeriodSeconds: 5
              containers:
              - name: main
                image: test/sleeper:v1
                startupProbe:
                  exec: {command: [test, "-f", "{{_folder}}/ready-{{version}}"] }
                  periodSeconds: 1
                  failureThreshold: 100
            """);
        File.Move(path + ".next", path, overwrite: true);
    }

    private void Manifest(string file, string image, string more) => File.WriteAllText(
        Path.Combine(Manifests, file),
        $$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: {{image}}}
        spec:
          terminationGracePeriodSeconds: 5
          containers: [{name: main, image: "test/{{image}}:v1"}]{{more}}
        """);

    private sealed class RunningAgent : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public RunningAgent(NodeAgentOptions options) => _running = NodeAgentHost.RunAsync(options, _stop.Token);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running.WaitAsync(Deadline);
            _stop.Dispose();
        }
    }
}
