using System.CommandLine;
using Mainstay.Restarts;
using Mainstay.Up;

namespace Mainstay.Commands;

/// <summary>
/// <c>mainstay restart routers|api|agents</c>: one first, then one per zone, then waves, each proven.
/// </summary>
internal static class RestartCommand
{
    private static readonly Argument<string> Target = new("part")
    {
        Description = "routers, api or agents",
    };

    private static readonly Option<string> Node = new("--node")
    {
        Description = "only on these nodes, by comma",
        DefaultValueFactory = _ => "",
    };

    public static Command Create()
    {
        Target.AcceptOnlyFromAmong(RestartTargets.Parts);
        var command = new Command(
            "restart",
            "Restart a part of the platform, one first, then wave by wave; refused where it is not proven safe")
        {
            Target, Node,
        };
        GuardedOptions.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = new DataFolder(DataOption.FolderOf(parsed));
        using var platform = LocalPlatform.Open(folder, TimeProvider.System);
        var target = RestartTargets.Of(platform, parsed.GetRequiredValue(Target));
        var nodes = (parsed.GetValue(Node) ?? "").Split(
            ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var request = GuardedOptions.Request(parsed, "restart") with { Nodes = [.. nodes] };
        return await new GuardedRun(folder, platform.World, TimeProvider.System).RunAsync(
            target, request, GuardedOptions.Words(parsed), cancellationToken);
    }
}
