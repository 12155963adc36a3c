using System.CommandLine;
using Mainstay.ConsoleSite.StatusPage;
using Mainstay.Kernel;

namespace Mainstay.Commands;

/// <summary>
/// <c>mainstay status-page</c>: the page for those outside, apart from all that it tells of.
/// </summary>
internal static class StatusPageCommand
{
    public static Command Create()
    {
        var dataDir = new Option<string>("--data-dir")
        {
            Description = "the console's folder: incidents and page.json",
            Required = true,
        };
        var output = new Option<string>("--out")
        {
            Description = "folder that the page is written to, as plain files",
            Required = true,
        };
        var listen = new Option<string>("--listen")
        {
            Description = "where the page is served, address:port",
            DefaultValueFactory = _ => "127.0.0.1:7080",
        };
        var console = new Option<string>("--console")
        {
            Description = "the console, which is asked how the platform is",
            DefaultValueFactory = _ => "http://127.0.0.1:7070",
        };
        var contactLimit = new Option<double>("--contact-limit")
        {
            Description = "seconds without a word of the platform after which the page says so, 20 at least",
            DefaultValueFactory = _ => 90,
        };
        var command = new Command("status-page", "The public status page: static files, written and served")
        {
            dataDir, output, listen, console, contactLimit,
        };
        command.SetAction((parsed, cancellationToken) => StatusPageHost.RunAsync(
            new StatusPageOptions
            {
                DataFolder = parsed.GetRequiredValue(dataDir),
                OutFolder = parsed.GetRequiredValue(output),
                Listen = ConsoleCommand.ReadAddress(parsed.GetRequiredValue(listen)),
                Console = Uri.TryCreate(parsed.GetRequiredValue(console), UriKind.Absolute, out var address)
                    ? address
                    : throw new StartException(
                        $"--console: '{parsed.GetRequiredValue(console)}' is no address",
                        "use one such as http://127.0.0.1:7070",
                        ExitCodes.Usage),
                ContactLimit = TimeSpan.FromSeconds(parsed.GetRequiredValue(contactLimit)),
            },
            cancellationToken));
        return command;
    }
}
