using System.Text.Json.Nodes;
using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;
using Mainstay.Tests.Architecture;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.ApiServer.Printing;

/// <summary>
/// The tables of a real kube-apiserver 1.20.2 (testdata/tables-1.20.2.json), without the columns that tell an age.
/// Restarts are text with us, as since 1.22, so that they can tell when.
/// </summary>
public sealed class RecordedTableTests
{
    private static readonly HashSet<string> Ages = ["Age", "Last Seen", "First Seen"];

    private static readonly JsonArray Recorded = JsonNode.Parse(File.ReadAllText(
        SourceTree.Path("tests/Mainstay.Tests/ApiServer/testdata/tables-1.20.2.json")))!.AsArray();

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Recorded.Count)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_row_reads_as_a_real_API_server_writes_it(int row)
    {
        var recorded = Recorded[row]!;
        var value = recorded["object"]!.AsObject();
        var type = ResourceTable.FindKind(value.TextIn("apiVersion"), value.TextIn("kind"))!;

        var table = new TableRenderer(new FakeTimeProvider()).Render(type, [value], [], IncludedObject.None);

        var columns = table["columnDefinitions"]!.AsArray();
        Assert.Equal(
            recorded["columns"]!.AsArray().Select(column => $"{column![0]} {column[2]} {column[3]}"),
            columns.Select(column => $"{column!["name"]} {column["format"]} {column["priority"]}"));
        var names = columns.Select(column => (string)column!["name"]!).ToList();
        Assert.Equal(Cells(names, recorded["cells"]!), Cells(names, table["rows"]![0]!["cells"]!));
        var conditions = table["rows"]![0]!["conditions"]?.AsArray() ?? [];
        Assert.Equal(
            recorded["conditions"]!.AsArray().Select(reason => (string)reason!),
            conditions.Select(condition => (string)condition!["reason"]!));
    }

    private static IEnumerable<string> Cells(List<string> names, JsonNode cells) => names
        .Zip(cells.AsArray(), (name, cell) => (Name: name, Text: $"{name}: {cell}"))
        .Where(pair => !Ages.Contains(pair.Name))
        .Select(pair => pair.Text);
}
