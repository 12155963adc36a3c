using System.CommandLine;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kernel;
using Mainstay.Members;
using Mainstay.Restarts;
using Mainstay.Up;

namespace Mainstay.Commands;

/// <summary>
/// <c>mainstay store members [list|add|remove|replace]</c>: who is in the store, what may still be lost, and changes of
/// it as guarded actions.
/// </summary>
internal static class MembersCommand
{
    private static readonly Option<string> Endpoints = new("--endpoints")
    {
        Description = "an etcd of your own, http://host:2379,...; default: that of the platform",
        DefaultValueFactory = _ => "",
    };

    private static readonly Option<string[]> Zone = new("--zone")
    {
        Description = "with --endpoints: the zone of a member, NAME=ZONE; may be given again",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string> Node = new("--node")
    {
        Description = "where the new member is to run; default: the zone, then the node, with the fewest",
        DefaultValueFactory = _ => "",
    };

    private static readonly Argument<string> Member = new("member") { Description = "its name, such as etcd-1" };

    public static Command Create()
    {
        var members = new Command("members", "Who is in the store, what may still be lost, and changes of it");
        AddList(members);
        var list = new Command("list", "Every member by zone, and what may still be lost");
        AddList(list);
        members.Subcommands.Add(list);
        members.Subcommands.Add(Guarded(
            new Command("add", "Let one more member join, on a node of the platform") { Node },
            (parsed, steps, sight) => MemberTarget.Add(steps, sight, NodeFor(parsed, steps.Book))));
        members.Subcommands.Add(Guarded(
            new Command("remove", "Take a member out for good") { Member },
            (parsed, steps, sight) => MemberTarget.Remove(steps, sight, NameOf(parsed, sight))));
        members.Subcommands.Add(Guarded(
            new Command("replace", "Put a new member in the place of one") { Member },
            (parsed, steps, sight) => MemberTarget.Replace(steps, sight, NameOf(parsed, sight))));
        return members;
    }

    private static void AddList(Command command)
    {
        command.Options.Add(Endpoints);
        command.Options.Add(Zone);
        command.Options.Add(GuardedOptions.Output);
        command.Options.Add(DataOption.Data);
        command.SetAction(ListAsync);
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var endpoints = parsed.GetValue(Endpoints) ?? "";
        using var eye = endpoints.Length > 0
            ? StoreEye.At(endpoints, Zones(parsed.GetValue(Zone) ?? []))
            : StoreEye.On(new DataFolder(DataOption.FolderOf(parsed)));
        var sight = await eye.LookAsync(cancellationToken);
        await Console.Out.WriteLineAsync(parsed.GetValue(GuardedOptions.Output) == "json"
            ? MembersText.Json(sight).ToJsonString(new() { WriteIndented = true })
            : MembersText.Table(sight));
        var isWell = sight.Budget.HasQuorum && sight.View.Members.All(member => member.Answers);
        return isWell ? ExitCodes.Ok : ExitCodes.NotWell;
    }

    private static Command Guarded(Command command, Func<ParseResult, MemberSteps, StoreSight, IActionTarget> target)
    {
        GuardedOptions.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = new DataFolder(DataOption.FolderOf(parsed));
            using var eye = StoreEye.On(folder);
            using var platform = LocalPlatform.Open(folder, TimeProvider.System);
            var sight = await eye.LookAsync(cancellationToken);
            var request = GuardedOptions.Request(parsed, $"store members {command.Name}");
            return await new GuardedRun(folder, platform.World, TimeProvider.System).RunAsync(
                target(parsed, new MemberSteps(platform, eye), sight),
                request,
                GuardedOptions.Words(parsed),
                cancellationToken);
        });
        return command;
    }

    /// <summary>A member of the list, or, while none can be read, whatever was said: the guard then refuses.</summary>
    private static string NameOf(ParseResult parsed, StoreSight sight)
    {
        var name = parsed.GetRequiredValue(Member);
        var present = sight.View.Members.Select(MembersText.Name).ToList();
        return present.Count == 0 || present.Contains(name) ? name : throw new StartException(
            $"there is no member {name}", $"the members are {string.Join(", ", present)}", ExitCodes.Usage);
    }

    private static BookedNode NodeFor(ParseResult parsed, MemberBook book)
    {
        var wanted = parsed.GetValue(Node) ?? "";
        if (wanted.Length > 0)
        {
            return book.Nodes.FirstOrDefault(node => node.Name == wanted)
                ?? throw LocalPlatform.NoSuchNode(wanted, book.Nodes.Select(node => node.Name));
        }

        return book.Nodes
            .OrderBy(node => book.Present.Count(member => book.ZoneOf(member.Name) == node.Zone))
            .ThenBy(node => book.Present.Count(member => member.Node == node.Name))
            .First();
    }

    private static Dictionary<string, string> Zones(IEnumerable<string> words)
    {
        var zones = new Dictionary<string, string>();
        foreach (var word in words)
        {
            var at = word.IndexOf('=', StringComparison.Ordinal);
            zones[at > 0 ? word[..at] : throw new StartException(
                $"--zone {word} is not NAME=ZONE", "such as --zone etcd-0=zone-a", ExitCodes.Usage)] = word[(at + 1)..];
        }

        return zones;
    }
}
