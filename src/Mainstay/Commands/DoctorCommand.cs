using System.CommandLine;
using System.Text;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kernel;

namespace Mainstay.Commands;

/// <summary>
/// <c>mainstay doctor</c>: asks every part now, and says what is wrong, root first. Works with any part down, the
/// console and the API servers included. Exit 0 only if all is well.
/// </summary>
internal static class DoctorCommand
{
    private static readonly Option<string> Output = new("--output", "-o")
    {
        Description = "table or json",
        DefaultValueFactory = _ => "table",
    };

    public static Command Create()
    {
        Output.AcceptOnlyFromAmong("table", "json");
        var command = new Command("doctor", "Say what is wrong, root first, with evidence and what to do")
        {
            DataOption.Data, Output,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (_, _, map) = RecordedPlatform.Of(parsed);
        var report = await SignalLook.OnceAsync(map, TimeProvider.System, cancellationToken);
        await Console.Out.WriteLineAsync(parsed.GetValue(Output) == "json"
            ? Encoding.UTF8.GetString(SignalReportJson.Write(report, indented: true))
            : SignalReportText.Write(report).TrimEnd());
        return report.Well ? ExitCodes.Ok : ExitCodes.NotWell;
    }
}
