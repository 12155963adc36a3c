using System.CommandLine;
using System.Net;
using Mainstay.ConsoleSite;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kernel;
using Mainstay.Restarts;
using Mainstay.Up;

namespace Mainstay.Commands;

/// <summary>
/// <c>mainstay console</c>: pages that show what is wrong, and need nothing of the platform to stay up.
/// </summary>
internal static class ConsoleCommand
{
    public static Command Create()
    {
        var kubeconfig = new Option<string>("--kubeconfig")
        {
            Description = "the way to the API server; the file may appear later",
            Required = true,
        };
        var dataDir = new Option<string>("--data-dir")
        {
            Description = "folder of what the console remembers; made if it is missing",
            Required = true,
        };
        var listen = new Option<string>("--listen")
        {
            Description = "where pages are served, address:port",
            DefaultValueFactory = _ => "127.0.0.1:7070",
        };
        var routers = new Option<string>("--routers")
        {
            Description = "routers' admin addresses, http://address:port, by comma; those of the nodes are found",
            DefaultValueFactory = _ => "",
        };
        var routerAdminPort = new Option<int>("--router-admin-port")
        {
            Description = "the admin port of the router on each node",
            DefaultValueFactory = _ => 9990,
        };
        var controllers = new Option<string>("--controllers")
        {
            Description = "the controllers' HTTP address, http://address:port, where they are ours",
            DefaultValueFactory = _ => "",
        };
        var storeMembers = new Option<string>("--store-members")
        {
            Description = "members of the store to begin with, NAME=http://address:port by comma; /health is asked",
            DefaultValueFactory = _ => "",
        };
        var platform = new Option<string>("--platform")
        {
            Description = "data folder of a platform on this machine whose restarts the pages may plan and start",
            DefaultValueFactory = _ => "",
            HelpName = "DIR",
        };
        var command = new Command("console", "The console: services, routers and nodes on one page, each with its age")
        {
            kubeconfig, dataDir, listen, routers, routerAdminPort, controllers, storeMembers, platform,
        };
        command.SetAction((parsed, cancellationToken) => ConsoleHost.RunAsync(
            new ConsoleOptions
            {
                Kubeconfig = parsed.GetRequiredValue(kubeconfig),
                DataFolder = parsed.GetRequiredValue(dataDir),
                Listen = ReadAddress(parsed.GetRequiredValue(listen)),
                Routers = ReadAddresses("--routers", parsed.GetRequiredValue(routers)),
                RouterAdminPort = parsed.GetRequiredValue(routerAdminPort),
                Controllers = ReadAddresses("--controllers", parsed.GetRequiredValue(controllers)).FirstOrDefault(),
                StoreMembers = ReadMembers(parsed.GetRequiredValue(storeMembers)),
                Actions = parsed.GetRequiredValue(platform) is { Length: > 0 } folder
                    ? new RestartSource(new DataFolder(folder), TimeProvider.System)
                    : NoActions.Instance,
            },
            cancellationToken));
        return command;
    }

    internal static IPEndPoint ReadAddress(string text) =>
        text.LastIndexOf(':') > 0 && IPEndPoint.TryParse(text, out var address)
            ? address
            : throw new StartException(
                $"--listen: '{text}' is no address:port", "use one such as 127.0.0.1:7070", ExitCodes.Usage);

    private static List<Uri> ReadAddresses(string option, string text) =>
        [.. Words(text).Select(word => ReadUri(option, word))];

    private static Dictionary<string, Uri> ReadMembers(string text)
    {
        var members = new Dictionary<string, Uri>(StringComparer.Ordinal);
        foreach (var word in Words(text))
        {
            var pair = word.Split('=', 2);
            if (pair.Length != 2 || pair[0].Length == 0
                || !members.TryAdd(pair[0], ReadUri("--store-members", pair[1])))
            {
                throw new StartException(
                    $"--store-members: '{word}' is no NAME=address, or its name is there twice",
                    "use one such as etcd-0=http://127.0.0.1:2379",
                    ExitCodes.Usage);
            }
        }

        return members;
    }

    private static string[] Words(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static Uri ReadUri(string option, string word) =>
        Uri.TryCreate(word, UriKind.Absolute, out var address) ? address : throw new StartException(
            $"{option}: '{word}' is no address", "use one such as http://127.0.0.1:9990", ExitCodes.Usage);
}
