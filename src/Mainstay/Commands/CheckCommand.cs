using System.Collections.Immutable;
using System.CommandLine;
using Mainstay.ConsoleSite.Checks;
using Mainstay.Kernel;
using Mainstay.Kube;

namespace Mainstay.Commands;

/// <summary>
/// <c>mainstay check</c>: one line for each thing that should be so. With <c>--kubeconfig</c> it looks at any cluster,
/// reads only and needs nothing of ours there; without, at the platform of <c>--data</c>. Exit 0 only if all is well.
/// </summary>
internal static class CheckCommand
{
    private static readonly Option<string> Output = new("--output", "-o")
    {
        Description = "table, short (only what is not well), wide (all that was found) or json",
        DefaultValueFactory = _ => "table",
    };

    private static readonly Option<string?> KubeconfigPath = new("--kubeconfig")
    {
        Description = "look at this cluster, read-only, with nothing of ours installed there",
    };

    public static Command Create()
    {
        Output.AcceptOnlyFromAmong("table", "short", "wide", "json");
        var command = new Command("check", "Check a cluster or the platform, line by line; reads only")
        {
            KubeconfigPath, DataOption.Data, Output,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var report = parsed.GetValue(KubeconfigPath) is { } path
            ? new CheckReport(await OfClusterAsync(Load(path), cancellationToken))
            : await OfPlatformAsync(parsed, cancellationToken);
        var form = parsed.GetValue(Output) switch
        {
            "short" => CheckForm.Faults,
            "wide" => CheckForm.Wide,
            "json" => CheckForm.Json,
            _ => CheckForm.Table,
        };
        await Console.Out.WriteAsync(CheckText.Write(report, form));
        return report.Success ? ExitCodes.Ok : ExitCodes.NotWell;
    }

    private static async Task<ImmutableArray<CheckCategory>> OfClusterAsync(
        Kubeconfig kubeconfig, CancellationToken cancellationToken)
    {
        var facts = new ClusterReader(kubeconfig, TimeProvider.System).ReadAsync(cancellationToken);
        var proof = new RouterStartProof(TimeProvider.System).ProveAsync(kubeconfig, cancellationToken);
        await Task.WhenAll(facts, proof);
        return ClusterChecks.Judge(await facts, await proof);
    }

    private static async Task<CheckReport> OfPlatformAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (data, _, map) = RecordedPlatform.Of(parsed);
        var ours = new PlatformReader(map, TimeProvider.System).ReadAsync(data.Root, cancellationToken);
        var cluster = OfClusterAsync(map.Credentials!, cancellationToken);
        await Task.WhenAll(ours, cluster);
        return new CheckReport([.. PlatformChecks.Judge(await ours), .. await cluster]);
    }

    private static Kubeconfig Load(string path)
    {
        try
        {
            return Kubeconfig.Load(path);
        }
        catch (KubeconfigException fault)
        {
            throw new StartException(fault.Message, "name a kubeconfig that kubectl takes, too", ExitCodes.Usage);
        }
    }
}
