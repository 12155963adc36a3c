using System.CommandLine;
using Mainstay.ConsoleSite.Why;
using Mainstay.Kernel;

namespace Mainstay.Commands;

/// <summary>
/// <c>mainstay why SERVICE</c>: what is the matter with one service, what its failures single out, and what to do.
/// Exit 0 only if nothing is.
/// </summary>
internal static class WhyCommand
{
    private static readonly Argument<string> Service = new("service")
    {
        Description = "NAME or NAME.NAMESPACE",
    };

    private static readonly Option<string> Output = new("--output", "-o")
    {
        Description = "table or json",
        DefaultValueFactory = _ => "table",
    };

    public static Command Create()
    {
        Output.AcceptOnlyFromAmong("table", "json");
        var command = new Command("why", "Say what is the matter with a service, and what to do next")
        {
            Service, DataOption.Data, Output,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (data, _, map) = RecordedPlatform.Of(parsed);
        try
        {
            var service = parsed.GetRequiredValue(Service);
            var why = await ServiceWhy.AskAsync(service, map, data.ConsoleData, cancellationToken);
            await Console.Out.WriteLineAsync((parsed.GetValue(Output) == "json" ? why.Json : why.Text).TrimEnd());
            return why.Well ? ExitCodes.Ok : ExitCodes.NotWell;
        }
        catch (WhyException fault)
        {
            throw new StartException(fault.Message, "name one of them", ExitCodes.Usage);
        }
    }
}
