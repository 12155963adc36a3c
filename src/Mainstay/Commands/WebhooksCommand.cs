using System.CommandLine;
using Mainstay.Kernel;

namespace Mainstay.Commands;

/// <summary><c>mainstay incident webhooks add|list|remove</c>: who is told.</summary>
internal static class WebhooksCommand
{
    public static Command Create() =>
        new("webhooks", "Who is told of incidents; their addresses are secrets and are never shown")
        {
            Add(), List(), Remove(),
        };

    private static Command Add()
    {
        var name = new Argument<string>("NAME") { Description = "such as team" };
        var url = new Argument<string>("URL")
        {
            Description = "the whole address; '-' reads it from the standard input: no list of processes has it",
        };
        var kind = new Option<string>("--kind")
        {
            Description = "slack, generic (JSON of ours) or statuspage (what Statuspage sends to subscribers)",
            DefaultValueFactory = _ => "slack",
        };
        var command = new Command("add", "Tell one more") { name, url, kind };
        command.SetAction(async (words, cancellationToken) =>
        {
            using var desk = IncidentCommand.Desk(words);
            var address = words.GetRequiredValue(url);
            if (address == "-")
            {
                address = await Console.In.ReadLineAsync(cancellationToken) ?? "";
            }

            desk.Webhooks.Add(words.GetRequiredValue(name), words.GetRequiredValue(kind), address.Trim());
            await Console.Out.WriteLineAsync($"added {words.GetRequiredValue(name)}");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Name, kind and host of each");
        command.SetAction(words =>
        {
            using var desk = IncidentCommand.Desk(words);
            foreach (var webhook in desk.Webhooks.Read())
            {
                Console.Out.WriteLine($"{webhook.Name,-20}  {webhook.KindWord,-10}  {webhook.Host}");
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Remove()
    {
        var name = new Argument<string>("NAME");
        var command = new Command("remove", "Tell one no more; what waits for it is withdrawn") { name };
        command.SetAction(words =>
        {
            using var desk = IncidentCommand.Desk(words);
            desk.Webhooks.Remove(words.GetRequiredValue(name));
            Console.Out.WriteLine($"removed {words.GetRequiredValue(name)}");
            return ExitCodes.Ok;
        });
        return command;
    }
}
