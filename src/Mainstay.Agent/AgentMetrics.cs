using System.Diagnostics.Metrics;
using Mainstay.Agent.Pods;

namespace Mainstay.Agent;

/// <summary>The agent's metrics; docs/agent.md lists them.</summary>
internal sealed class AgentMetrics : IDisposable
{
    public const string MeterName = "Mainstay.Agent";
    private readonly Meter _meter;
    private readonly Counter<long> _starts;
    private readonly Counter<long> _statusWrites;
    private readonly Counter<long> _eventsDropped;
    private long _apiHeardUnixMilliseconds;

    public AgentMetrics(IMeterFactory meters, PodBoard board)
    {
        _meter = meters.Create(MeterName);
        _starts = _meter.CreateCounter<long>(
            "mainstay_agent_process_start", description: "processes of containers started");
        _statusWrites = _meter.CreateCounter<long>("mainstay_agent_status_write", description: "pod statuses sent");
        _eventsDropped = _meter.CreateCounter<long>("mainstay_agent_event_dropped", description: "events not written");
        _meter.CreateObservableGauge(
            "mainstay_agent_pods", () => PodsByPhase(board), description: "pods of this node by phase");
        _meter.CreateObservableGauge(
            "mainstay_agent_api_heard_timestamp_seconds",
            () => Volatile.Read(ref _apiHeardUnixMilliseconds) / 1000.0,
            description: "when the API server last took the node's lease; 0: never");
    }

    /// <summary>Figures that are read when somebody asks.</summary>
    public void Observe(string name, Func<IEnumerable<Measurement<double>>> read) =>
        _meter.CreateObservableGauge(name, read);

    public void ProcessStarted(bool isRestart) =>
        _starts.Add(1, new KeyValuePair<string, object?>("kind", isRestart ? "restart" : "first"));

    public void StatusWritten(bool succeeded) =>
        _statusWrites.Add(1, new KeyValuePair<string, object?>("result", succeeded ? "ok" : "failed"));

    public void EventDropped() => _eventsDropped.Add(1);

    public void ApiHeard(DateTimeOffset at) =>
        Volatile.Write(ref _apiHeardUnixMilliseconds, at.ToUnixTimeMilliseconds());

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<int>> PodsByPhase(PodBoard board) =>
        from report in board.View.Pods.Values
        group report by report.Status.Phase into phase
        select new Measurement<int>(phase.Count(), new KeyValuePair<string, object?>("phase", phase.Key));
}
