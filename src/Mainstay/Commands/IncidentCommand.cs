using System.CommandLine;
using System.Text;
using Mainstay.ConsoleSite.Incidents;
using Mainstay.Kernel;

namespace Mainstay.Commands;

/// <summary>
/// <c>mainstay incident</c>: works with all of the platform off, since it needs nothing but the console's folder.
/// </summary>
internal static class IncidentCommand
{
    private static readonly Option<string> By = new("--by")
    {
        Description = "who does it",
        DefaultValueFactory = _ => Environment.UserName,
        Recursive = true,
    };

    private static readonly Option<string> Format = new("--output", "-o")
    {
        Description = "table or json",
        DefaultValueFactory = _ => "table",
    };

    private static readonly Argument<string> Name = new("ID")
    {
        Description = "an incident's id, its beginning, or 'current' for the newest open one",
    };

    public static Command Create()
    {
        Format.AcceptOnlyFromAmong("table", "json");
        return new Command("incident", "Declare, update, resolve and export incidents (docs/incidents.md)")
        {
            DataOption.Data, By,
            Declare(), Update(), Resolve(), Note(), List(), Export(), WebhooksCommand.Create(),
        };
    }

    private static Command Declare()
    {
        var title = new Argument<string>("TITLE") { Description = "what customers see, in a few words" };
        var asks = new IncidentOptions();
        var command = new Command("declare", "Begin an incident, and tell those who are to know") { title, Format };
        asks.AddTo(command, severityRequired: true);
        command.SetAction((words, cancellationToken) => ActAsync(
            words,
            desk => desk.Declare(asks.Read(words, By) with { Title = words.GetRequiredValue(title) }),
            cancellationToken));
        return command;
    }

    private static Command Update()
    {
        var asks = new IncidentOptions();
        var title = new Option<string?>("--title") { Description = "another title" };
        var status = new Option<string?>("--status") { Description = "investigating, identified, monitoring" };
        var command = new Command("update", "Say what is new") { Name, title, status, Format };
        asks.AddTo(command, severityRequired: false);
        command.SetAction((words, cancellationToken) => ActAsync(
            words,
            desk => desk.Update(
                words.GetRequiredValue(Name),
                asks.Read(words, By) with { Title = words.GetValue(title), Status = words.GetValue(status) }),
            cancellationToken));
        return command;
    }

    private static Command Resolve()
    {
        var asks = new IncidentOptions();
        var command = new Command("resolve", "End an incident; the public page says so where it was told")
        {
            Name, Format,
        };
        asks.AddTo(command, severityRequired: false);
        command.SetAction((words, cancellationToken) => ActAsync(
            words,
            desk => desk.Resolve(words.GetRequiredValue(Name), asks.Read(words, By)),
            cancellationToken));
        return command;
    }

    private static Command Note()
    {
        var text = new Argument<string>("TEXT") { Description = "what happened; it is told to nobody" };
        var command = new Command("note", "Add a remark to the timeline") { Name, text, Format };
        command.SetAction((words, cancellationToken) => ActAsync(
            words,
            desk => desk.Note(
                words.GetRequiredValue(Name),
                new IncidentAsk { By = words.GetValue(By) ?? "", Message = words.GetRequiredValue(text) }),
            cancellationToken));
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "All incidents, those that are open first") { Format };
        command.SetAction(async (words, cancellationToken) =>
        {
            using var desk = Desk(words);
            if (words.GetValue(Format) == "json")
            {
                await WriteAsync(desk.ListJson(), cancellationToken);
                return ExitCodes.Ok;
            }

            await Console.Out.WriteAsync(IncidentText.List(desk.All(), desk.ClockOf));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Export()
    {
        var format = new Option<string>("--format")
        {
            Description = "md (a post-mortem to go on with) or json (all that is known)",
            DefaultValueFactory = _ => "md",
        };
        format.AcceptOnlyFromAmong("md", "json");
        var forPublic = new Option<bool>("--public") { Description = "only what was told outside" };
        var command = new Command("export", "Print an incident as a post-mortem") { Name, format, forPublic };
        command.SetAction(async (words, cancellationToken) =>
        {
            using var desk = Desk(words);
            var bytes = desk.Export(
                words.GetRequiredValue(Name), words.GetRequiredValue(format), words.GetValue(forPublic));
            await WriteAsync(bytes, cancellationToken);
            return ExitCodes.Ok;
        });
        return command;
    }

    internal static IncidentDesk Desk(ParseResult words) =>
        new(Path.Combine(DataOption.FolderOf(words), "console"), TimeProvider.System, new Random());

    /// <summary>Writes first, prints what was written, then tells: a dead webhook holds up nobody's reading.</summary>
    private static async Task<int> ActAsync(
        ParseResult words, Func<IncidentDesk, IncidentOutcome> act, CancellationToken cancellationToken)
    {
        using var desk = Desk(words);
        var outcome = act(desk);
        var json = words.GetValue(Format) == "json";
        if (!json)
        {
            await Console.Out.WriteAsync(IncidentText.Of(outcome));
        }

        outcome = await desk.TellAsync(outcome, cancellationToken);
        if (json)
        {
            await WriteAsync(IncidentDesk.OutcomeJson(outcome), cancellationToken);
        }
        else
        {
            await Console.Out.WriteAsync(IncidentText.Receipts(outcome));
        }

        return ExitCodes.Ok;
    }

    private static async Task WriteAsync(byte[] text, CancellationToken cancellationToken)
    {
        await using var output = Console.OpenStandardOutput();
        await output.WriteAsync(text, cancellationToken);
        await output.WriteAsync(Encoding.UTF8.GetBytes("\n"), cancellationToken);
    }
}

/// <summary>The options that declare, update and resolve share.</summary>
internal sealed class IncidentOptions
{
    private readonly Option<string?> _severity = new("--severity")
    {
        Description = "SEV1 to SEV4; in doubt the higher",
    };

    private readonly Option<string?> _impact = new("--impact")
    {
        Description = "none, minor, major or critical, on the public page; by the severity unless given",
    };

    private readonly Option<string?> _lead = new("--lead") { Description = "who leads; short for --role lead=NAME" };
    private readonly Option<string[]> _roles = new("--role")
    {
        Description = "ROLE=NAME, by comma: lead, deputy, scribe, operations, customer-liaison, internal-liaison",
    };

    private readonly Option<string[]> _components = new("--component")
    {
        Description = "NAME=STATUS, by comma: operational, degraded_performance, partial_outage, major_outage",
    };

    private readonly Option<string?> _message = new("--message", "-m") { Description = "for those inside" };
    private readonly Option<string?> _public = new("--public") { Description = "a post for those outside" };
    private readonly Option<string?> _publicTitle = new("--public-title")
    {
        Description = "its name on the public page",
    };

    private readonly Option<string?> _started = new("--started")
    {
        Description = "when customers began to notice, such as 2017-10-27T14:10:00Z",
    };

    public void AddTo(Command command, bool severityRequired)
    {
        _severity.Required = severityRequired;
        foreach (var option in (Option[])
            [_severity, _impact, _lead, _roles, _components, _message, _public, _publicTitle, _started])
        {
            command.Options.Add(option);
        }
    }

    public IncidentAsk Read(ParseResult words, Option<string> by)
    {
        var lead = words.GetValue(_lead) is { Length: > 0 } name ? [$"lead={name}"] : Array.Empty<string>();
        return new IncidentAsk
        {
            By = words.GetValue(by) ?? "",
            Severity = words.GetValue(_severity),
            Impact = words.GetValue(_impact),
            Roles = string.Join(',', [.. lead, .. words.GetValue(_roles) ?? []]),
            Components = string.Join(',', words.GetValue(_components) ?? []),
            Message = words.GetValue(_message),
            Public = words.GetValue(_public),
            PublicTitle = words.GetValue(_publicTitle),
            Started = words.GetValue(_started),
        };
    }
}
