using System.CommandLine;
using Mainstay.ConsoleSite.Nodes;
using Mainstay.Kernel;

namespace Mainstay.Commands;

/// <summary>
/// <c>mainstay nodes</c>: a verdict on each node with its evidence, and whether a restart there would help. Exit 0 only
/// if all are well.
/// </summary>
internal static class NodesCommand
{
    private static readonly Option<string> Output = new("--output", "-o")
    {
        Description = "table or json",
        DefaultValueFactory = _ => "table",
    };

    public static Command Create()
    {
        Output.AcceptOnlyFromAmong("table", "json");
        var command = new Command("nodes", "Say how each node is, and whether a restart there would help")
        {
            DataOption.Data, Output, NodesRestartCommand.Create(),
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (_, _, map) = RecordedPlatform.Of(parsed);
        var facts = await new NodeReader(map, TimeProvider.System).ReadAsync(cancellationToken);
        var report = new NodeReport(NodeJudge.Judge(facts), facts.Fault);
        await Console.Out.WriteLineAsync(parsed.GetValue(Output) == "json"
            ? report.ToJson().ToJsonString(new() { WriteIndented = true })
            : report.ToText().TrimEnd());
        return report.Success ? ExitCodes.Ok : ExitCodes.NotWell;
    }
}
