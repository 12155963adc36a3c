using System.Collections.Immutable;
using Mainstay.Drills.Monzo2017;
using Mainstay.Drills.Observation;
using Mainstay.Drills.Reports;
using Mainstay.Drills.Stage;
using Mainstay.Drills.Timeline;
using Mainstay.Kernel;
using Mainstay.Kube;

namespace Mainstay.Drills;

/// <summary>What a person asked of <c>mainstay drill run</c>.</summary>
public sealed record DrillRequest
{
    /// <summary>The drill's name.</summary>
    public required string Name { get; init; }

    /// <summary>The program <c>mainstay</c>, which raises the platform.</summary>
    public required string Mainstay { get; init; }

    /// <summary>Protections to switch off, by name; <c>all</c> for all.</summary>
    public ImmutableArray<string> Without { get; init; } = [];

    /// <summary>The HTML report; Markdown, chart and journal are written beside it. Null writes none.</summary>
    public string? ReportFile { get; init; }

    /// <summary>Leave the platform running, with its data folder.</summary>
    public bool Keep { get; init; }

    /// <summary>The same steps, at the least time in which they show what they show.</summary>
    public bool IsShort { get; init; }

    /// <summary>Journeys a second, more than 0.</summary>
    public double Rate { get; init; } = 15;

    /// <summary>The platform's data folder; null makes a temporary one.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Added to every port of the platform.</summary>
    public int PortOffset { get; init; }

    /// <summary>Added to the second number of its nodes' addresses.</summary>
    public int NodeOffset { get; init; }
}

/// <summary>Lists and runs drills.</summary>
public static class DrillHost
{
    private static readonly ImmutableArray<IDrill> Known = [new MonzoDrill()];

    /// <summary>Name and title of each.</summary>
    public static IEnumerable<(string Name, string Title)> List => Known.Select(drill => (drill.Name, drill.Title));

    /// <summary>Name and meaning of each protection that a drill may switch off.</summary>
    public static IEnumerable<(string Name, string Meaning)> ListProtections => Protections.Known;

    /// <summary>Raises a platform, runs the drill on it, writes the report, takes the platform down.</summary>
    /// <param name="say">told, line by line, how it goes</param>
    /// <returns>0 where everything was as expected for the protections that were on, else 1</returns>
    /// <exception cref="StartException">the request cannot be met, or the platform did not come up</exception>
    public static async Task<int> RunAsync(
        DrillRequest request, Action<string> say, TimeProvider time, CancellationToken cancellationToken)
    {
        var drill = Known.FirstOrDefault(drill => drill.Name == request.Name) ?? throw new StartException(
            $"there is no drill '{request.Name}'", "'mainstay drill list' lists them", ExitCodes.Usage);
        var options = StageOf(request);
        CheckReport(request.ReportFile);
        say($"drill {drill.Name}, {Words(options.Without)}: raising the platform");
        var terms = new RunTerms(drill, request, options, say, time);
        var record = await RunOnStageAsync(terms, cancellationToken);
        ImmutableArray<Check> checks = [.. drill.Checks(record)];
        Summary(record, checks, say);
        if (options.Keep)
        {
            say($"the platform is left running; 'mainstay down --data {options.DataFolder}' stops it");
        }

        if (request.ReportFile is { } file)
        {
            foreach (var written in await ReportFiles.WriteAsync(file, record, checks, cancellationToken))
            {
                say($"wrote {written}");
            }
        }

        return checks.All(check => check.Holds) ? ExitCodes.Ok : ExitCodes.NotWell;
    }

    private static StageOptions StageOf(DrillRequest request)
    {
        if (request.Rate is not (> 0 and <= 1000))
        {
            throw new StartException($"--rate is {request.Rate}", "give more than 0 and at most 1000", ExitCodes.Usage);
        }

        if (request.DataFolder is { } named
            && Directory.Exists(named) && Directory.EnumerateFileSystemEntries(named).Any())
        {
            throw new StartException(
                $"{named} is not empty", "a drill makes and removes its own data folder: name a new one",
                ExitCodes.Usage);
        }

        return new StageOptions
        {
            Mainstay = request.Mainstay,
            DataFolder = request.DataFolder ?? Directory.CreateTempSubdirectory("mainstay-drill-").FullName,
            Without = Protections.Parse(request.Without),
            PortOffset = request.PortOffset,
            NodeOffset = request.NodeOffset,
            Keep = request.Keep,
        };
    }

    /// <summary>Before minutes are spent: a report that cannot be written is told now.</summary>
    private static void CheckReport(string? file)
    {
        if (file is not null && Path.GetExtension(file) != ".html")
        {
            throw new StartException($"--report {file} is no .html file", "name it NAME.html", ExitCodes.Usage);
        }

        if (file is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/");
        }
    }

    private static async Task<DrillRecord> RunOnStageAsync(RunTerms terms, CancellationToken cancellationToken)
    {
        var (drill, request, options, say, time) = terms;
        await using var stage = await PlatformStage.RaiseAsync(options, time, cancellationToken);
        using var api = KubeHttp.Create(
            Kubeconfig.Load(Path.Combine(options.DataFolder, "kubeconfig")),
            new KubeHttpOptions { RequestTimeout = TimeSpan.FromSeconds(5), UserAgent = "mainstay-drill" });
        var cluster = new Cluster(api, Story.Namespace, time);
        var customers = await cluster.PodAddressesAsync("customers", cancellationToken);
        if (customers is not [var address, ..])
        {
            throw new StartException("no pod of 'customers' runs", "see whether the sample bank came up");
        }

        var bank = new BankReader(stage.Http, new Uri($"http://{address}:8080"));
        await bank.SetRateAsync(request.Rate, cancellationToken);
        var console = stage.Addresses.Console ?? throw new StartException("the console has no address", "start again");
        var observer = new Observer(bank, stage.Http, console, time);
        var scene = new DrillScene
        {
            Drill = drill,
            Stage = stage,
            Cluster = cluster,
            Bank = bank,
            Observer = observer,
            Waits = new Waits(time),
            Faults = new FaultBook(() => observer.Now),
            Pace = request.IsShort ? Pace.Short : Pace.Full,
            Rate = request.Rate,
        };
        say("the platform stands; the customers come");
        return await new DrillRun(scene, time, say).RunAsync(drill.Steps(scene), cancellationToken);
    }

    private static void Summary(DrillRecord record, ImmutableArray<Check> checks, Action<string> say)
    {
        say("");
        foreach (var check in checks)
        {
            say($"{(check.Holds ? "ok  " : "FAIL")}  {check.Title}: {check.Measured}");
        }

        say(Headline.Verdict(record, checks));
    }

    private static string Words(ImmutableArray<string> without) =>
        without.IsEmpty ? "with every protection" : $"without {string.Join(", ", without)}";

    private sealed record RunTerms(
        IDrill Drill, DrillRequest Request, StageOptions Options, Action<string> Say, TimeProvider Time);
}
