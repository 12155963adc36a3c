using System.Diagnostics;
using Mainstay.Conformance.Platform;
using Mainstay.Kube;

namespace Mainstay.Conformance.Controllers;

/// <summary>
/// A control plane with nodes that are objects only: an API server, and somebody in the controllers' place.
/// One for all tests of a class.
/// </summary>
public abstract class ControlPlane : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mainstay-controllers-");
    private readonly List<Process> _processes = [];
    private readonly CancellationTokenSource _stop = new();
    private KubeHttp? _http;
    private Task _nodes = Task.CompletedTask;

    protected string Folder => _folder.FullName;

    protected abstract string KubeconfigPath { get; }

    protected abstract Task StartAsync();

    public async ValueTask InitializeAsync()
    {
        await StartAsync();
        _http = KubeHttp.Create(Kubeconfig.Load(KubeconfigPath));
        await Eventually.TrueAsync("the API server serves the default namespace", TimeSpan.FromSeconds(60), async () =>
        {
            try
            {
                using var space = await _http.GetAsync("/api/v1/namespaces/kube-node-lease", CancellationToken.None);
                return true;
            }
            catch (KubeStatusException)
            {
                return false;
            }
        }, CancellationToken.None);
        _nodes = new FakeNodes(_http).RunAsync(_stop.Token);
    }

    /// <summary>Ends what is no process of ours, once nobody asks it any more.</summary>
    protected virtual Task StopAsync() => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _nodes;
        _stop.Dispose();
        _http?.Dispose();
        foreach (var process in _processes)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        await StopAsync();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    internal async Task<string> KubectlAsync(string words, string input = "")
    {
        var command = new Command("kubectl", ["--kubeconfig", KubeconfigPath, .. words.Split(' ')]) { Input = input };
        return (await command.RunAsync(TestContext.Current.CancellationToken)).Succeeded().Output.Trim();
    }

    /// <summary>Starts `mainstay VERB ...`; what it says goes to a file that a failed start is looked up in.</summary>
    protected void Mainstay(params string[] words)
    {
        var start = new ProcessStartInfo("/bin/bash")
        {
            ArgumentList = { "-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1", "mainstay" },
        };
        start.ArgumentList.Add(Path.Combine(Folder, $"{words[0]}.log"));
        start.ArgumentList.Add(Peers.Mainstay);
        foreach (var word in words)
        {
            start.ArgumentList.Add(word);
        }

        _processes.Add(Process.Start(start) ?? throw new InvalidOperationException($"{Peers.Mainstay} did not start"));
    }
}

/// <summary>Store, API server and controllers are all ours.</summary>
public sealed class AllOurs : ControlPlane
{
    protected override string KubeconfigPath => Path.Combine(Folder, "kubeconfig");

    protected override Task StartAsync()
    {
        var (store, api) = (FreePorts.Row(1), FreePorts.Row(1));
        File.WriteAllText(Path.Combine(Folder, "tokens.csv"), "token,admin,admin,\"system:masters\"\n");
        var kubeconfig = new Kubeconfig
        {
            Servers = [new Uri($"https://127.0.0.1:{api}")],
            InsecureSkipTlsVerify = true,
            Token = "token",
        };
        kubeconfig.Write(KubeconfigPath);
        Mainstay("store", "--data-dir", Path.Combine(Folder, "store"), "--listen-client", $"127.0.0.1:{store}",
            "--listen-metrics", $"127.0.0.1:{FreePorts.Row(1)}");
        Mainstay("api", "--etcd-servers", $"http://127.0.0.1:{store}", "--listen", $"127.0.0.1:{api}",
            "--pki-dir", Path.Combine(Folder, "pki"), "--token-auth-file", Path.Combine(Folder, "tokens.csv"));
        Mainstay("controllers", "--kubeconfig", KubeconfigPath, "--listen", $"127.0.0.1:{FreePorts.Row(1)}");
        return Task.CompletedTask;
    }
}

/// <summary>A real kube-apiserver on Debian's etcd.</summary>
public abstract class OnRealApiServer : ControlPlane
{
    private static readonly TimeSpan UpDeadline = TimeSpan.FromMinutes(20);

    protected override string KubeconfigPath => Path.Combine(Folder, "real", "kubeconfig");

    /// <summary>The parts that are left out, by their names after <c>kube-</c>.</summary>
    protected abstract string Without { get; }

    protected override async Task StartAsync()
    {
        var script = Tests.Architecture.SourceTree.Path("eng/real-kubernetes");
        var up = new Command(script, "up", Path.Combine(Folder, "real"), $"{FreePorts.Row(5)}")
        {
            Deadline = UpDeadline,
            Environment = new Dictionary<string, string> { ["WITHOUT"] = Without },
        };
        (await up.RunAsync(CancellationToken.None)).Succeeded();
    }

    protected override async Task StopAsync()
    {
        var script = Tests.Architecture.SourceTree.Path("eng/real-kubernetes");
        await new Command(script, "down", Path.Combine(Folder, "real")).RunAsync(CancellationToken.None);
    }
}

/// <summary>Our controllers in the place of kube-controller-manager and kube-scheduler.</summary>
public sealed class OursOnReal : OnRealApiServer
{
    protected override string Without => "controller-manager,scheduler";

    protected override async Task StartAsync()
    {
        await base.StartAsync();
        Mainstay("controllers", "--kubeconfig", KubeconfigPath, "--listen", $"127.0.0.1:{FreePorts.Row(1)}");
    }
}

/// <summary>Nothing of ours: what the bodies must hold on, or they prove nothing.</summary>
public sealed class AllReal : OnRealApiServer
{
    protected override string Without => "";
}
