using System.CommandLine;
using System.Net;
using Mainstay.ConsoleSite;
using Mainstay.Kernel;

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
        var command = new Command("console", "The console: services, routers and nodes on one page, each with its age")
        {
            kubeconfig, dataDir, listen, routers, routerAdminPort,
        };
        command.SetAction((parsed, cancellationToken) => ConsoleHost.RunAsync(
            new ConsoleOptions
            {
                Kubeconfig = parsed.GetRequiredValue(kubeconfig),
                DataFolder = parsed.GetRequiredValue(dataDir),
                Listen = ReadAddress(parsed.GetRequiredValue(listen)),
                Routers = ReadRouters(parsed.GetRequiredValue(routers)),
                RouterAdminPort = parsed.GetRequiredValue(routerAdminPort),
            },
            cancellationToken));
        return command;
    }

    private static IPEndPoint ReadAddress(string text) =>
        text.LastIndexOf(':') > 0 && IPEndPoint.TryParse(text, out var address)
            ? address
            : throw new StartException(
                $"--listen: '{text}' is no address:port", "use one such as 127.0.0.1:7070", ExitCodes.Usage);

    private static List<Uri> ReadRouters(string text)
    {
        var routers = new List<Uri>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            routers.Add(Uri.TryCreate(part, UriKind.Absolute, out var router) ? router : throw new StartException(
                $"--routers: '{part}' is no address", "use one such as http://127.0.0.1:9990", ExitCodes.Usage));
        }

        return routers;
    }
}
