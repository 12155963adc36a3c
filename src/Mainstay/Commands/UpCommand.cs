using System.CommandLine;
using Mainstay.Up;

namespace Mainstay.Commands;

/// <summary><c>mainstay up</c>: the whole platform on this machine.</summary>
internal static class UpCommand
{
    private static readonly Option<int> Nodes = new("--nodes")
    {
        Description = "node agents on this machine",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<int> Zones = new("--zones")
    {
        Description = "zones that the nodes are spread over",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<StoreKind> Store = new("--store")
    {
        Description = "embedded: our own store, one process; etcd: Debian's etcd",
        DefaultValueFactory = _ => StoreKind.Embedded,
    };

    private static readonly Option<int> Members = new("--members")
    {
        Description = "members of etcd",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<int> ApiServers = new("--api-servers")
    {
        Description = "API servers, number i on node i",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<int> PortOffset = new("--port-offset")
    {
        Description = "added to every port on 127.0.0.1, to run a second platform beside the first",
        DefaultValueFactory = _ => 0,
    };

    private static readonly Option<int> NodeOffset = new("--node-offset")
    {
        Description = "added to the second number of the nodes' addresses, likewise",
        DefaultValueFactory = _ => 0,
    };

    private static readonly Option<string> Sample = new("--sample")
    {
        Description = "what to deploy: bank or none",
        DefaultValueFactory = _ => "bank",
    };

    private static readonly Option<string> Without = new("--without")
    {
        Description = "for drills only: protections to switch off: " + string.Join(", ", Protections.All),
        DefaultValueFactory = _ => "",
    };

    private static readonly Option<bool> Detach = new("--detach")
    {
        Description = "return once everything runs, and leave it running",
    };

    public static Command Create()
    {
        Sample.AcceptOnlyFromAmong("bank", "none");
        var command = new Command(
            "up", "Start the whole platform on this machine, deploy the sample, print the addresses")
        {
            Nodes, Zones, Store, Members, ApiServers, DataOption.Data, PortOffset, NodeOffset, Sample, Without,
            Detach,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = new UpOptions
        {
            Nodes = parsed.GetValue(Nodes),
            Zones = parsed.GetValue(Zones),
            Store = parsed.GetValue(Store),
            Members = parsed.GetValue(Members),
            ApiServers = parsed.GetValue(ApiServers),
            DataFolder = DataOption.FolderOf(parsed),
            PortOffset = parsed.GetValue(PortOffset),
            NodeOffset = parsed.GetValue(NodeOffset),
            WithBank = parsed.GetValue(Sample) == "bank",
            Without = Names(parsed.GetValue(Without) ?? ""),
        };
        options.Check();
        var plan = new PlatformPlan(options, HostPrograms.Find());
        if (options.Store == StoreKind.Etcd && MemberBook.Read(plan.Data) is { } book)
        {
            plan = book.Into(plan);
        }

        if (parsed.GetValue(Detach))
        {
            return await DetachedRun.StartAsync(plan, TimeProvider.System, cancellationToken);
        }

        var progress = new Progress(Console.Out, TimeProvider.System);
        await new PlatformRun(plan, TimeProvider.System, progress).RunAsync(cancellationToken);
        return Kernel.ExitCodes.Ok;
    }

    private static string[] Names(string words) =>
        words == "all" ? [.. Protections.All]
            : words.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
