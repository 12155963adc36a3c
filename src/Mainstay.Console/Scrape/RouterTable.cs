using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Scrape;

/// <summary>What a router says of its own table on /table.json, read tolerantly.</summary>
internal sealed record RouterTable
{
    public required string Node { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public string Server { get; init; } = "";

    /// <summary>live, connecting or snapshot; other words are shown as they are.</summary>
    public string State { get; init; } = "";

    /// <summary>Seconds since the router last heard from its source, when it said so.</summary>
    public double? HeardSecondsAgo { get; init; }

    public string Revision { get; init; } = "";

    /// <summary>Ready endpoints of each service.</summary>
    public ImmutableDictionary<ObjectKey, int> Ready { get; init; } = ImmutableDictionary<ObjectKey, int>.Empty;

    /// <summary>Endpoints and callers of each service.</summary>
    public ImmutableDictionary<ObjectKey, TableService> Services { get; init; } =
        ImmutableDictionary<ObjectKey, TableService>.Empty;

    public ImmutableArray<QuarantinedObject> Quarantined { get; init; } = [];

    /// <exception cref="MalformedObjectException">it is not what a router says</exception>
    public static RouterTable Read(JsonElement json)
    {
        var node = json.Text("node");
        if (node.Length == 0)
        {
            throw new MalformedObjectException("node is missing");
        }

        var source = json.Child("source");
        return new RouterTable
        {
            Node = node,
            StartedAt = json.Time("startedAt"),
            Server = source?.Text("server") ?? "",
            State = source?.Text("state") ?? "",
            HeardSecondsAgo = source?.Field("heardSecondsAgo") is { ValueKind: JsonValueKind.Number } heard
                ? heard.GetDouble()
                : null,
            Revision = source?.Field("revision")?.ToString() ?? "",
            Ready = json.Items("services").ToImmutableDictionary(
                service => new ObjectKey(service.Text("namespace"), service.Text("name")),
                service => service.Items("endpoints").Count(endpoint => endpoint.Flag("ready") ?? false)),
            Services = json.Items("services").ToImmutableDictionary(
                service => new ObjectKey(service.Text("namespace"), service.Text("name")), TableService.Read),
            Quarantined =
            [
                .. json.Items("quarantined").Select(item => new QuarantinedObject(
                    item.Text("kind"),
                    new ObjectKey(item.Text("namespace"), item.Text("name")),
                    item.Text("reason"),
                    item.Time("since") ?? default)),
            ],
        };
    }
}

/// <summary>One service as a router has it. Counts only grow, or start again with the router or the pod.</summary>
internal sealed record TableService(ImmutableArray<TableEndpoint> Endpoints, ImmutableArray<TableCaller> Callers)
{
    public static TableService Read(JsonElement json) => new(
        [
            .. json.Items("endpoints").Select(endpoint => new TableEndpoint(
                endpoint.Text("address"),
                endpoint.Text("pod"),
                endpoint.Text("node"),
                endpoint.Flag("ready") ?? false,
                endpoint.Number("tries") ?? 0,
                endpoint.Number("failures") ?? 0)),
        ],
        [
            .. json.Items("callers").Select(caller => new TableCaller(
                caller.Text("namespace"),
                caller.Text("pod"),
                caller.Number("calls") ?? 0,
                caller.Number("failures") ?? 0)),
        ]);
}

internal sealed record TableEndpoint(string Address, string Pod, string Node, bool Ready, long Tries, long Failures);

/// <param name="Pod">empty: whoever called on the node's address</param>
internal sealed record TableCaller(string Namespace, string Pod, long Calls, long Failures);
