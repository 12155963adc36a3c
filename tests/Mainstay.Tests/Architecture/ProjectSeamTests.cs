using System.Xml.Linq;

namespace Mainstay.Tests.Architecture;

/// <summary>A project imports only what the design lets it: the list of projects is the deployment diagram.</summary>
public sealed class ProjectSeamTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Mainstay.Kernel"] = [],
        ["Mainstay.Etcd"] = ["Kernel"],
        ["Mainstay.Kube"] = ["Kernel"],
        ["Mainstay.Store"] = ["Kernel", "Etcd"],
        ["Mainstay.ApiServer"] = ["Kernel", "Etcd", "Kube"],
        ["Mainstay.Controllers"] = ["Kernel", "Kube"],
        ["Mainstay.Agent"] = ["Kernel", "Kube"],
        ["Mainstay.Router"] = ["Kernel", "Kube"],
        ["Mainstay.Router.Host"] = ["Router", "Kernel", "Kube"],
        ["Mainstay.Console"] = ["Kernel", "Kube"],
        ["Mainstay.Drills"] = ["Kernel", "Etcd", "Kube"],
        ["Mainstay"] =
        [
            "Kernel", "Etcd", "Kube", "Store", "ApiServer", "Controllers", "Agent", "Router", "Console", "Drills",
        ],
    };

    /// <summary>Namespaces of a pure core, and what no file of it may use.</summary>
    private static readonly (string Folder, string[] Banned)[] PureCores =
    [
        ("src/Mainstay.Store/Mvcc", ["using System.IO", "File.", "FileStream", "await ", "ILogger", "using Grpc"]),
        ("src/Mainstay.Store/Lease", ["using System.IO", "File.", "FileStream", "await ", "ILogger", "using Grpc"]),
        ("src/Mainstay.Store/Watch", ["using System.IO", "File.", "FileStream", "ILogger", "using Grpc"]),
        ("src/Mainstay.ApiServer/Schema", ["await ", "ILogger", "Microsoft.AspNetCore", "Mainstay.Etcd"]),
        ("src/Mainstay.ApiServer/Patch", ["await ", "ILogger", "Microsoft.AspNetCore", "Mainstay.Etcd"]),
        ("src/Mainstay.Router/Http1", ["await ", "ILogger", "System.Net.Http", "Microsoft.AspNetCore"]),
        ("src/Mainstay.Router/Balancing", ["await ", "ILogger", "System.Net.Http"]),
    ];

    [Fact]
    public void Every_project_imports_only_what_the_design_allows()
    {
        var faults = new List<string>();
        foreach (var file in SourceTree.Files(".csproj", "src"))
        {
            var project = Path.GetFileNameWithoutExtension(file);
            if (!Allowed.TryGetValue(project, out var allowed))
            {
                faults.Add($"{project} is not in the design's list of projects");
                continue;
            }

            faults.AddRange(References(file)
                .Where(reference => !allowed.Contains(reference.Replace("Mainstay.", "", StringComparison.Ordinal)))
                .Select(reference => $"{project} imports {reference}"));
        }

        Assert.Empty(faults);
    }

    [Fact]
    public void The_bank_knows_nothing_of_the_platform()
    {
        Assert.Empty(References("samples/bank/Bank.csproj"));
        Assert.All(
            SourceTree.Files(".cs", "samples").Select(file => File.ReadAllText(SourceTree.Path(file))),
            text => Assert.DoesNotContain("using Mainstay", text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_router_takes_no_web_framework()
    {
        var texts = SourceTree.Files(".csproj", "src/Mainstay.Router", "src/Mainstay.Kube", "src/Mainstay.Kernel")
            .Select(file => File.ReadAllText(SourceTree.Path(file)));

        Assert.All(texts, text => Assert.DoesNotContain("AspNetCore", text, StringComparison.Ordinal));
        Assert.All(texts, text => Assert.Contains("IsAotCompatible", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Pure_cores_do_no_input_or_output()
    {
        var faults =
            from core in PureCores
            from file in SourceTree.Files(".cs", core.Folder)
            let text = File.ReadAllText(SourceTree.Path(file))
            from banned in core.Banned
            where text.Contains(banned, StringComparison.Ordinal)
            select $"{file} uses '{banned.Trim()}'";

        Assert.Empty(faults);
    }

    [Fact]
    public void Every_project_stands_in_the_solution()
    {
        var solution = File.ReadAllText(SourceTree.Path("Mainstay.slnx"));
        var projects = SourceTree.Files(".csproj", "src", "samples", "tests", "benchmarks");

        Assert.All(projects, project => Assert.Contains($"\"{project}\"", solution, StringComparison.Ordinal));
    }

    private static IEnumerable<string> References(string projectFile) =>
        XDocument.Load(SourceTree.Path(projectFile)).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
}
