using System.Diagnostics;
using Mainstay.Conformance.Platform;

namespace Mainstay.Conformance.Agent;

/// <summary>A `mainstay node` of its own, as a user starts it.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private readonly List<string> _words;
    private readonly string _folder;
    private Process? _process;

    public NodeProcess(string folder, string network, string kubeconfig)
    {
        _folder = folder;
        _words =
        [
            "node", "--name", "node-1", "--address", $"{network}.0.1", "--pod-cidr", $"{network}.0.0/16",
            "--zone", "zone-a", "--data-dir", Data, "--images", Path.Combine(folder, "images"),
            "--volumes", Path.Combine(folder, "volumes"), "--manifests", Path.Combine(folder, "manifests"),
            "--kubeconfig", kubeconfig, "--port", "0",
        ];
    }

    public string Data => Path.Combine(_folder, "node-1");

    public void Start()
    {
        var build = Environment.GetEnvironmentVariables()["MAINSTAY_BUILD"]?.ToString()
            ?? throw new InvalidOperationException("MAINSTAY_BUILD is not set: run by ./test conformance");
        var start = new ProcessStartInfo("/bin/bash")
        {
            ArgumentList =
            {
                "-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1", "node", Path.Combine(_folder, "node.log"),
                Path.Combine(build, "mainstay", "mainstay"),
            },
        };
        _words.ForEach(start.ArgumentList.Add);
        _process = Process.Start(start);
    }

    /// <summary>kill -9: the agent has no chance to tidy up.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>What the first process of a container wrote, of all pods whose name begins so.</summary>
    public string Log(string podPrefix, string container) => string.Concat(
        Directory.GetDirectories(Path.Combine(Data, "pods"), podPrefix + "*")
            .Select(folder => Path.Combine(folder, container, "0.log"))
            .Where(File.Exists)
            .Select(File.ReadAllText));

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        foreach (var left in PlatformProcess.Of(Data))
        {
            await left.KillAsync(CancellationToken.None);
        }

        foreach (var left in PodProcesses())
        {
            await left.KillAsync(CancellationToken.None);
        }
    }

    /// <summary>Processes that run from an image of this node.</summary>
    public IReadOnlyList<PlatformProcess> PodProcesses() =>
    [
        .. PlatformProcess.Of(Path.Combine(_folder, "images"))
            .Where(process => !process.CommandLine.Contains("--images", StringComparison.Ordinal)),
    ];
}
