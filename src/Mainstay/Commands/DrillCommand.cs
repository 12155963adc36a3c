using System.CommandLine;
using Mainstay.Drills;

namespace Mainstay.Commands;

/// <summary>
/// <c>mainstay drill</c>: raises a platform of its own, makes the faults of a known outage on it, and tells whether the
/// platform held. Exit 0 only if all came as expected for the protections that were on.
/// </summary>
internal static class DrillCommand
{
    private static readonly Argument<string> Name = new("NAME") { Description = "the drill; 'drill list' lists them" };

    private static readonly Option<string> Without = new("--without")
    {
        Description = "protections to switch off, by comma, or 'all'",
        DefaultValueFactory = _ => "",
        HelpName = "PROTECTION,...",
    };

    private static readonly Option<string?> Report = new("--report")
    {
        Description = "write the report to FILE.html, and FILE.md, FILE.svg and FILE.json beside it",
        HelpName = "FILE.html",
    };

    private static readonly Option<bool> Keep = new("--keep")
    {
        Description = "leave the platform running at the end, and print its data folder",
    };

    private static readonly Option<bool> Short = new("--short")
    {
        Description = "the same steps in the least time that shows them",
    };

    private static readonly Option<double> Rate = new("--rate")
    {
        Description = "journeys of customers a second",
        DefaultValueFactory = _ => 15,
    };

    private static readonly Option<string?> Data = new("--data")
    {
        Description = "the data folder of the drill's platform: a new one; default: a temporary one",
    };

    // By default a drill runs beside a platform that has the default ports.
    private static readonly Option<int> PortOffset = new("--port-offset")
    {
        Description = "added to every port of the drill's platform",
        DefaultValueFactory = _ => 500,
    };

    private static readonly Option<int> NodeOffset = new("--node-offset")
    {
        Description = "added to the second number of its nodes' addresses",
        DefaultValueFactory = _ => 210,
    };

    public static Command Create()
    {
        var list = new Command("list", "The drills, and the protections that each can be run without");
        list.SetAction(_ => List());
        var run = new Command("run", "Raise a platform, run a drill on it, report")
        {
            Name, Without, Report, Keep, Short, Rate, Data, PortOffset, NodeOffset,
        };
        run.SetAction(RunAsync);
        return new Command("drill", "Run a known outage on a platform of its own, with or without its protections")
        {
            list, run,
        };
    }

    private static void List()
    {
        foreach (var (name, title) in DrillHost.List)
        {
            Console.Out.WriteLine($"{name,-16} {title}");
        }

        Console.Out.WriteLine("\nprotections, for --without:");
        foreach (var (name, meaning) in DrillHost.ListProtections)
        {
            Console.Out.WriteLine($"{name,-16} {meaning}");
        }
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var request = new DrillRequest
        {
            Name = parsed.GetValue(Name) ?? "",
            Mainstay = HostPrograms.Find().Mainstay,
            Without = [.. (parsed.GetValue(Without) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)],
            ReportFile = parsed.GetValue(Report),
            Keep = parsed.GetValue(Keep),
            IsShort = parsed.GetValue(Short),
            Rate = parsed.GetValue(Rate),
            DataFolder = parsed.GetValue(Data) is { } folder ? Path.GetFullPath(folder) : null,
            PortOffset = parsed.GetValue(PortOffset),
            NodeOffset = parsed.GetValue(NodeOffset),
        };
        return await DrillHost.RunAsync(request, Console.Out.WriteLine, TimeProvider.System, cancellationToken);
    }
}
