using System.Buffers;
using System.Text.Json;
using Mainstay.Kube;
using Mainstay.Router.Balancing;
using Mainstay.Router.Discovery;
using Mainstay.Router.Metrics;
using Mainstay.Router.Pipeline;

namespace Mainstay.Router.Admin;

/// <summary>
/// The page /table.json: what is routed on, where it is from, and what each endpoint looks like from here.
/// </summary>
internal sealed class TablePage(
    IReadOnlyList<RouterLoop> loops, TableSource tables, IDiscovery discovery, AdminIdentity identity)
{
    public ReadOnlyMemory<byte> Render()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        var view = discovery.View;
        var table = tables.Current;
        writer.WriteStartObject();
        writer.WriteString("node", identity.Node);
        writer.WriteString("startedAt", identity.StartedAt);
        WriteSource(writer, view, table);
        writer.WriteStartArray("services");
        foreach (var service in table.Services)
        {
            WriteService(writer, service);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("quarantined");
        foreach (var bad in view.Quarantined)
        {
            writer.WriteStartObject();
            writer.WriteString("kind", bad.Kind);
            writer.WriteString("namespace", bad.Key.Namespace);
            writer.WriteString("name", bad.Key.Name);
            writer.WriteString("reason", bad.Reason);
            writer.WriteString("since", bad.Since);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteSource(Utf8JsonWriter writer, DiscoveryView view, RouteTable table)
    {
        writer.WriteStartObject("source");
        writer.WriteString("server", view.Server);
        writer.WriteString("state", view.State switch
        {
            SourceState.Live => "live",
            SourceState.Snapshot => "snapshot",
            _ => "connecting",
        });
        if (view.HeardAgo is { } ago)
        {
            writer.WriteNumber("heardSecondsAgo", Math.Round(ago.TotalSeconds, 3));
        }
        else
        {
            writer.WriteNull("heardSecondsAgo");
        }

        writer.WriteNumber("revision", table.Revision);
        writer.WriteEndObject();
    }

    private void WriteService(Utf8JsonWriter writer, ServiceRoute service)
    {
        writer.WriteStartObject();
        writer.WriteString("namespace", service.Namespace);
        writer.WriteString("name", service.Name);
        writer.WriteStartArray("ports");
        foreach (var port in service.Ports)
        {
            writer.WriteStartObject();
            writer.WriteString("name", port.Name);
            writer.WriteNumber("port", port.Port);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteFallback(writer, service);
        writer.WriteStartArray("endpoints");
        var states = StatesOf(service);
        foreach (var endpoint in service.Ports.SelectMany(port => port.Endpoints).Distinct())
        {
            WriteEndpoint(writer, endpoint, states);
        }

        writer.WriteEndArray();
        WriteCallers(writer, service);
        writer.WriteEndObject();
    }

    private void WriteFallback(Utf8JsonWriter writer, ServiceRoute service)
    {
        if (service.Fallback is { } fallback)
        {
            var key = new ObjectKey(service.Namespace, service.Name);
            writer.WriteStartObject("fallback");
            writer.WriteString("namespace", fallback.Namespace);
            writer.WriteString("name", fallback.Name);
            writer.WriteBoolean("active", FallbackControl.Active(loops).ContainsKey(key));
            writer.WriteEndObject();
        }
    }

    private static void WriteEndpoint(
        Utf8JsonWriter writer, Endpoint endpoint, ILookup<(string Address, int Port), EndpointState> states)
    {
        var seen = states[(endpoint.Address, endpoint.Port)].ToArray();
        writer.WriteStartObject();
        writer.WriteString("address", endpoint.Address);
        writer.WriteNumber("port", endpoint.Port);
        writer.WriteBoolean("ready", endpoint.Ready);
        writer.WriteString("node", endpoint.Node);
        writer.WriteString("zone", endpoint.Zone);
        writer.WriteString("pod", endpoint.Pod);
        writer.WriteString("uid", endpoint.Uid);
        if (endpoint.Braked)
        {
            writer.WriteBoolean("braked", true);
        }

        var slowest = seen.Select(state => state.Latency.Micros / 1000).DefaultIfEmpty().Max();
        writer.WriteNumber("ewmaMilliseconds", Math.Round(slowest, 3));
        writer.WriteNumber("inFlight", seen.Sum(state => state.InFlight));
        writer.WriteNumber("tries", seen.Sum(state => state.Tries));
        writer.WriteNumber("failures", seen.Sum(state => state.Failures));
        writer.WriteEndObject();
    }

    /// <summary>The pods of this node that have called the service, and how often that failed.</summary>
    private void WriteCallers(Utf8JsonWriter writer, ServiceRoute service)
    {
        var sums = new SortedDictionary<(string Namespace, string Pod), (long Calls, long Failures)>();
        foreach (var loop in loops)
        {
            foreach (var known in loop.Known)
            {
                if (known.Counters.Namespace == service.Namespace && known.Counters.Name == service.Name)
                {
                    Add(sums, known.Counters.Callers.Known);
                }
            }
        }

        writer.WriteStartArray("callers");
        foreach (var ((space, pod), (calls, failures)) in sums)
        {
            writer.WriteStartObject();
            writer.WriteString("namespace", space);
            writer.WriteString("pod", pod);
            writer.WriteNumber("calls", calls);
            writer.WriteNumber("failures", failures);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();

        static void Add(
            SortedDictionary<(string Namespace, string Pod), (long Calls, long Failures)> sums,
            ReadOnlySpan<CallerCount> counts)
        {
            foreach (var count in counts)
            {
                var key = (count.Caller.Namespace, count.Caller.Pod);
                var sum = sums.GetValueOrDefault(key);
                sums[key] = (sum.Calls + count.Calls, sum.Failures + count.Failures);
            }
        }
    }

    private ILookup<(string Address, int Port), EndpointState> StatesOf(ServiceRoute service)
    {
        var states = new List<EndpointState>();
        foreach (var loop in loops)
        {
            foreach (var known in loop.Known)
            {
                if (known.Counters.Namespace == service.Namespace && known.Counters.Name == service.Name)
                {
                    foreach (var port in known.Ports)
                    {
                        states.AddRange(port.Ready);
                    }
                }
            }
        }

        return states.ToLookup(state => (state.Endpoint.Address, state.Endpoint.Port));
    }
}

/// <param name="Node">the node's name</param>
/// <param name="StartedAt">when this process began</param>
internal sealed record AdminIdentity(string Node, DateTimeOffset StartedAt);
