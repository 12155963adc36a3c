using System.CommandLine;
using System.Text.Json.Nodes;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kernel;
using Mainstay.Kube;
using Mainstay.Restarts;
using Mainstay.Up;

namespace Mainstay.Commands;

/// <summary>
/// <c>mainstay fallback list|on|off|auto SERVICE</c>: which fallbacks there are, and taking one by hand.
/// </summary>
internal static class FallbackCommand
{
    private static readonly Argument<string> Service = new("service")
    {
        Description = "NAME or NAME.NAMESPACE; a bare name is in namespace default",
    };

    public static Command Create() => new("fallback", "Fallback services: list them, take one by hand, let go of it")
    {
        List(),
        Switch("on", "Answer every call to a service by its fallback", FallbackMode.On),
        Switch("off", "Take it by hand no longer: only while the service fails, as without 'on'", FallbackMode.Auto),
        Switch("auto", "The same as off", FallbackMode.Auto),
    };

    internal static ObjectKey Parse(string text)
    {
        var parts = text.Split('.');
        return new ObjectKey(parts.Length > 1 ? parts[1] : "default", parts[0]);
    }

    private static Command Switch(string word, string description, FallbackMode mode)
    {
        var command = new Command(word, description) { Service };
        GuardedOptions.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = new DataFolder(DataOption.FolderOf(parsed));
            using var platform = LocalPlatform.Open(folder, TimeProvider.System);
            var target = new FallbackTarget(platform, Parse(parsed.GetRequiredValue(Service)), mode);
            return await new GuardedRun(folder, platform.World, TimeProvider.System).RunAsync(
                target, GuardedOptions.Request(parsed, $"fallback {word}"), GuardedOptions.Words(parsed),
                cancellationToken);
        });
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Every service that declares a fallback, and whether it is taken by hand")
        {
            DataOption.Data, GuardedOptions.Output,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var platform = LocalPlatform.Open(
                new DataFolder(DataOption.FolderOf(parsed)), TimeProvider.System);
            var rows = await ReadAsync(platform, cancellationToken);
            await Console.Out.WriteLineAsync(parsed.GetValue(GuardedOptions.Output) == "json"
                ? Json(rows)
                : rows.Count == 0 ? "no service declares a fallback" : string.Join('\n', rows.Select(row =>
                    $"{row.Service}  {row.Mode,-4}  {row.Fallback}")));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task<List<Row>> ReadAsync(LocalPlatform platform, CancellationToken cancellationToken)
    {
        try
        {
            using var list = await platform.Api().GetAsync("/api/v1/services", cancellationToken);
            return
            [
                .. list.RootElement.Items("items")
                    .Select(ObjectMeta.Read)
                    .Where(service => service.Annotations.ContainsKey(FallbackTarget.Declared))
                    .Select(service => new Row(
                        service.Key,
                        service.Annotations[FallbackTarget.Declared],
                        service.Annotations.GetValueOrDefault(FallbackTarget.Active) == "true" ? "on" : "auto")),
            ];
        }
        catch (Exception fault) when (fault is HttpRequestException or KubeStatusException or TimeoutException
            or IOException or ActionException)
        {
            throw new StartException(
                $"no API server tells of the services: {fault.Message}", "see 'mainstay status'", ExitCodes.NotWell);
        }
    }

    private static string Json(IEnumerable<Row> rows) => new JsonArray(
        [.. rows.Select(row => (JsonNode?)new JsonObject
        {
            ["namespace"] = row.Service.Namespace,
            ["name"] = row.Service.Name,
            ["fallback"] = row.Fallback,
            ["mode"] = row.Mode,
        })]).ToJsonString(new() { WriteIndented = true });

    private sealed record Row(ObjectKey Service, string Fallback, string Mode);
}
