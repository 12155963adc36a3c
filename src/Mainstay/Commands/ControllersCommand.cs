using System.CommandLine;
using Mainstay.Controllers;

namespace Mainstay.Commands;

/// <summary><c>mainstay controllers</c>: the control loops, against any API server.</summary>
internal static class ControllersCommand
{
    public static Command Create()
    {
        var kubeconfig = new Option<string>("--kubeconfig")
        {
            Description = "the kubeconfig of the API server",
            Required = true,
        };
        var listen = new Option<string>("--listen")
        {
            Description = "address:port of /healthz, /readyz and /metrics",
            DefaultValueFactory = _ => "127.0.0.1:10257",
        };
        var eviction = new Option<int>("--pod-eviction-seconds")
        {
            Description = "seconds that a pod stays bound to a lost node",
            DefaultValueFactory = _ => 300,
        };
        var grace = new Option<int>("--node-grace-seconds")
        {
            Description = "seconds without a renewed Lease after which a node counts as lost",
            DefaultValueFactory = _ => 40,
        };
        var elect = new Option<bool>("--leader-elect")
        {
            Description = "agree with other instances, by a Lease, which one acts",
        };
        var without = new Option<string>("--without")
        {
            Description = "protections to switch off, for drills: gate",
            DefaultValueFactory = _ => "",
        };
        var command = new Command("controllers",
            "keep deployments, replica sets, endpoints, nodes and garbage as they should be")
        {
            kubeconfig, listen, eviction, grace, elect, without,
        };
        command.SetAction(async (words, cancellationToken) =>
        {
            await ControllersHost.RunAsync(
                new ControllersOptions
                {
                    KubeconfigPath = words.GetValue(kubeconfig) ?? "",
                    Listen = words.GetValue(listen) ?? "",
                    PodEvictionSeconds = words.GetValue(eviction),
                    NodeGraceSeconds = words.GetValue(grace),
                    LeaderElect = words.GetValue(elect),
                    Without = (words.GetValue(without) ?? "").Split(',',
                        StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                },
                cancellationToken);
            return 0;
        });
        return command;
    }
}
