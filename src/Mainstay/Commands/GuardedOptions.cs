using System.CommandLine;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Restarts;

namespace Mainstay.Commands;

/// <summary>The words that every guarded action takes.</summary>
internal static class GuardedOptions
{
    public static readonly Option<bool> Plan = new("--plan")
    {
        Description = "print what it would do and whether it would go; do nothing",
    };

    public static readonly Option<bool> Yes = new("--yes")
    {
        Description = "go without asking",
    };

    public static readonly Option<string> Override = new("--override")
    {
        Description = "shorten the time that each wave is watched, for this reason, which is recorded",
        DefaultValueFactory = _ => "",
        HelpName = "REASON",
    };

    public static readonly Option<string> Output = MakeOutput();

    public static void AddTo(Command command)
    {
        command.Options.Add(Plan);
        command.Options.Add(Yes);
        command.Options.Add(Override);
        command.Options.Add(Output);
        command.Options.Add(DataOption.Data);
    }

    public static GuardedWords Words(ParseResult parsed) => new(
        parsed.GetValue(Plan), parsed.GetValue(Yes), parsed.GetValue(Output) == "json");

    public static ActionRequest Request(ParseResult parsed, string verb) => new(verb, Environment.UserName)
    {
        OverrideReason = parsed.GetValue(Override)?.Trim() ?? "",
    };

    private static Option<string> MakeOutput()
    {
        var output = new Option<string>("--output", "-o")
        {
            Description = "text or json",
            DefaultValueFactory = _ => "text",
        };
        output.AcceptOnlyFromAmong("text", "json");
        return output;
    }
}
