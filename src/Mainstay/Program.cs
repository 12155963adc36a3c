using System.CommandLine;
using Mainstay.Commands;

var root = new RootCommand(
    "Mainstay runs a fleet of services, routes the calls between them, and shows what is wrong.\n"
    + "./mainstay up starts the whole platform on this machine; docs are in docs/.");
foreach (var verb in Verbs.All())
{
    root.Subcommands.Add(verb);
}

return await Edge.RunAsync(root, args);
