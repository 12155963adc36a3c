using Mainstay.Conformance.Platform;
using Mainstay.Tests.Architecture;

namespace Mainstay.Conformance.Agent;

/// <summary>A real Kubernetes control plane of its own, started by `eng/real-kubernetes`.</summary>
internal sealed class RealKubernetes : IAsyncDisposable
{
    private static readonly TimeSpan BuildDeadline = TimeSpan.FromMinutes(20);
    private readonly string _folder;
    private readonly string _script = SourceTree.Path("eng/real-kubernetes");

    private RealKubernetes(string folder) => _folder = folder;

    public string Kubeconfig => Path.Combine(_folder, "kubeconfig");

    public static async Task<RealKubernetes> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var peer = new RealKubernetes(folder);
        await peer.UpAsync(FreePorts.Row(5), cancellationToken);
        return peer;
    }

    /// <summary>Takes the whole control plane away and keeps its store.</summary>
    public async Task DownAsync() => (await new Command(_script, "down", _folder).RunAsync(default)).Succeeded();

    /// <summary>Brings it back, on the ports it had.</summary>
    public async Task UpAsync(int port, CancellationToken cancellationToken)
    {
        // The programs go on after the script, so its output must not be a pipe that they keep open.
        var command = new Command("/bin/bash", "-c", $"'{_script}' up '{_folder}' {port} >'{_folder}.up.log' 2>&1")
        {
            Deadline = BuildDeadline,
        };
        (await command.RunAsync(cancellationToken)).Succeeded();
        Port = port;
    }

    public int Port { get; private set; }

    public async Task<string> KubectlAsync(string words, string input = "")
    {
        var command = new Command("kubectl", ["--kubeconfig", Kubeconfig, .. words.Split(' ')])
        {
            Input = input,
            Deadline = TimeSpan.FromSeconds(90),
        };
        return (await command.RunAsync(TestContext.Current.CancellationToken)).Succeeded().Output;
    }

    public async ValueTask DisposeAsync() => await DownAsync();

}
