using System.CommandLine;
using System.Text.Json.Nodes;
using Mainstay.Kernel;
using Mainstay.Up;

namespace Mainstay.Commands;

/// <summary>
/// <c>mainstay status</c>: what of the platform answers, part by part. Exit 0 only if all of it does.
/// </summary>
internal static class StatusCommand
{
    private static readonly Option<string> Output = new("--output", "-o")
    {
        Description = "table or json",
        DefaultValueFactory = _ => "table",
    };

    public static Command Create()
    {
        Output.AcceptOnlyFromAmong("table", "json");
        var command = new Command("status", "Ask every part of the platform whether it is well")
        {
            DataOption.Data, Output,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var data = new DataFolder(DataOption.FolderOf(parsed));
        var record = RunRecord.Read(data);
        if (record is null || !record.Process.IsRunning())
        {
            throw new StartException(
                $"no platform is up over {data.Root}", $"'mainstay up --data {data.Root}' starts it",
                    ExitCodes.NotWell);
        }

        var parts = await new PartsCheck(record, data, TimeProvider.System).RunAsync(cancellationToken);
        await Console.Out.WriteLineAsync(parsed.GetValue(Output) == "json" ? Json(parts) : Table(parts));
        return parts.All(part => part.Well) ? ExitCodes.Ok : ExitCodes.NotWell;
    }

    private static string Table(IReadOnlyList<PartCheck> parts)
    {
        var width = parts.Max(part => part.Name.Length);
        var lines = parts.Select(part =>
            $"{(part.Well ? "ok  " : "FAIL")}  {part.Name.PadRight(width)}  {part.Address}  {part.Detail}".TrimEnd());
        return string.Join('\n', lines);
    }

    private static string Json(IReadOnlyList<PartCheck> parts) => new JsonObject
    {
        ["success"] = parts.All(part => part.Well),
        ["parts"] = new JsonArray([.. parts.Select(part => (JsonNode)new JsonObject
        {
            ["name"] = part.Name,
            ["address"] = part.Address,
            ["well"] = part.Well,
            ["detail"] = part.Detail,
        })]),
    }.ToJsonString(new() { WriteIndented = true });
}
