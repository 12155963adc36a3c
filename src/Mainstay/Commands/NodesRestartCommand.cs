using System.CommandLine;
using Mainstay.Restarts;
using Mainstay.Up;

namespace Mainstay.Commands;

/// <summary><c>mainstay nodes restart NODE</c>: pods elsewhere first, then agent and router, each proven.</summary>
internal static class NodesRestartCommand
{
    public static Command Create()
    {
        var node = new Argument<string>("node") { Description = "the node's name" };
        var keepPods = new Option<bool>("--keep-pods")
        {
            Description = "leave the pods where they are; they run on while agent and router are restarted",
        };
        var command = new Command(
            "restart", "Restart a node: its pods are replaced elsewhere first; refused where that cannot be done")
        {
            node, keepPods,
        };
        GuardedOptions.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = new DataFolder(DataOption.FolderOf(parsed));
            using var platform = LocalPlatform.Open(folder, TimeProvider.System);
            var name = parsed.GetRequiredValue(node);
            if (!platform.Record.Nodes.Contains(name))
            {
                throw LocalPlatform.NoSuchNode(name, platform.Record.Nodes);
            }

            var target = new NodeTarget(platform, new NodeRestart(name, parsed.GetValue(keepPods)));
            return await new GuardedRun(folder, platform.World, TimeProvider.System).RunAsync(
                target, GuardedOptions.Request(parsed, "nodes restart"), GuardedOptions.Words(parsed),
                cancellationToken);
        });
        return command;
    }
}
