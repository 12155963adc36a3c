using Mainstay.Conformance.Platform;
using Mainstay.Tests.Architecture;

namespace Mainstay.Conformance.Store;

/// <summary>A real Kubernetes control plane whose etcd is our store.</summary>
public sealed class RealKubernetesOnOurStoreTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_real_control_plane_works_on_our_store_and_over_its_death()
    {
        using var server = await EtcdServer.StartOurStoreAsync();
        var folder = Directory.CreateTempSubdirectory("mainstay-kubernetes-");
        try
        {
            var up = RealKubernetes("up", folder.FullName, $"{FreePorts.Row(5)}") with
            {
                Environment = new Dictionary<string, string> { ["ETCD"] = server.Url, ["WITHOUT"] = "scheduler" },
            };
            (await up.RunAsync(Cancellation)).Succeeded();
            await KubectlAsync(folder, "create deployment web --image=nginx --replicas=2");
            await KubectlAsync(
                folder, "wait --for=jsonpath='{.status.replicas}'=2 deployment/web --timeout=60s");

            await server.Process.KillAsync();
            await server.StartAgainAsync();

            // The control plane's watches and writes go on, on what was there before.
            await KubectlAsync(folder, "scale deployment web --replicas=3");
            await KubectlAsync(
                folder, "wait --for=jsonpath='{.status.replicas}'=3 deployment/web --timeout=60s");
            var pods = await KubectlAsync(folder, "get pods -o name");
            Assert.Equal(3, pods.Split('\n').Count(line => line.StartsWith("pod/web-", StringComparison.Ordinal)));
        }
        finally
        {
            await RealKubernetes("down", folder.FullName).RunAsync(CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> KubectlAsync(DirectoryInfo folder, string words)
    {
        // The API server answers 5xx for a moment after its store has died: kubectl is asked again.
        var kubectl = $"kubectl --kubeconfig {folder.FullName}/kubeconfig {words}";
        var shell = new Command("sh", "-c", $"for i in 1 2 3 4 5 6; do {kubectl} && exit; sleep 2; done; exit 1")
        {
            Deadline = Patience,
        };
        return (await shell.RunAsync(Cancellation)).Succeeded().Said;
    }

    private static Command RealKubernetes(params string[] words) =>
        new(SourceTree.Path("eng/real-kubernetes"), words) { Deadline = Patience };
}
