using System.CommandLine;
using Mainstay.Kernel;
using Mainstay.Up;

namespace Mainstay.Commands;

/// <summary>
/// <c>mainstay down</c>: stops all that <c>up</c> started over a data folder and leaves no process behind.
/// </summary>
internal static class DownCommand
{
    public static Command Create()
    {
        var command = new Command("down", "Stop the platform and every process of it; what is stored stays")
        {
            DataOption.Data,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var data = new DataFolder(DataOption.FolderOf(parsed));
        if (!Directory.Exists(data.Up))
        {
            throw new StartException($"there is no platform under {data.Root}", "name its folder with --data");
        }

        // The folders of nodes are the truth: they are there however 'up' ended.
        var nodes = Directory.Exists(data.Nodes)
            ? Directory.GetDirectories(data.Nodes).Select(folder => Path.GetFileName(folder)).ToList()
            : [];
        if (RunRecord.Read(data) is { } record)
        {
            await PlatformTeardown.StopProcessesAsync([record.Process], TimeProvider.System, cancellationToken);
            await PlatformTeardown.StopProcessesAsync(record.Agents, TimeProvider.System, cancellationToken);
        }

        await PlatformTeardown.StopNodesAsync(data, nodes, cancellationToken);
        File.Delete(data.Record);
        await Console.Out.WriteLineAsync($"stopped; what is stored stays in {data.Root}");
        return ExitCodes.Ok;
    }
}
