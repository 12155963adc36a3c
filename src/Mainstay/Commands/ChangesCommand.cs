using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Mainstay.ConsoleSite.Changes;
using Mainstay.ConsoleSite.Memory;
using Mainstay.Kernel;
using Mainstay.Up;
using Microsoft.Data.Sqlite;

namespace Mainstay.Commands;

/// <summary>
/// <c>mainstay changes</c>: what changed, newest first or ranked; works while everything else is down.
/// </summary>
internal static class ChangesCommand
{
    private static readonly Option<string> Since = new("--since")
    {
        Description = "how far back: 90s, 30m, 6h or 14d",
        DefaultValueFactory = _ => "14d",
    };

    private static readonly Option<string> For = new("--for")
    {
        Description = "rank against a symptom: the name of a signal or of a service",
        DefaultValueFactory = _ => "",
        HelpName = "SIGNAL|SERVICE",
    };

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create()
    {
        var command = new Command("changes", "What changed, the newest first; with --for what is suspect first")
        {
            Since, For, DataOption.Data, GuardedOptions.Output,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = new DataFolder(DataOption.FolderOf(parsed));
        if (!Directory.Exists(folder.ConsoleData))
        {
            throw new StartException(
                $"there is no ledger under {folder.Root}", "name the platform's folder with --data", ExitCodes.NotWell);
        }

        try
        {
            var question = new ChangeQuestion(Parse(parsed.GetValue(Since) ?? ""), parsed.GetValue(For) ?? "");
            var answer = ChangeAnswer.Of(
                new ChangeLedger(new ConsoleDatabase(folder.ConsoleData)), question, TimeProvider.System.GetUtcNow());
            var isJson = parsed.GetValue(GuardedOptions.Output) == "json";
            await Console.Out.WriteLineAsync(isJson ? answer.ToJson().ToJsonString(Indented) : answer.ToText());
            return ExitCodes.Ok;
        }
        catch (SqliteException fault)
        {
            throw new StartException(
                $"the ledger {folder.ConsoleData}/memory.db cannot be read: {fault.Message}", "mend or move the file");
        }
    }

    internal static TimeSpan Parse(string text)
    {
        var figure = text.AsSpan(0, Math.Max(0, text.Length - 1));
        var isNumber = double.TryParse(figure, NumberStyles.Float, CultureInfo.InvariantCulture, out var count);
        TimeSpan? unit = text.LastOrDefault() switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => null,
        };
        return isNumber && unit is { } one && count is > 0 and < 10_000
            ? one * count
            : throw new StartException($"--since: '{text}' is no time", "give one such as 30m or 14d", ExitCodes.Usage);
    }
}
