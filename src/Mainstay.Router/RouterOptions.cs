using System.Globalization;
using System.Net;

namespace Mainstay.Router;

/// <summary>What a router is told at its start.</summary>
public sealed class RouterOptions
{
    /// <summary>The name of the node it serves; shown, and used for nothing else.</summary>
    public string Node { get; set; } = "node";

    /// <summary>Where the API server is and how to speak to it. None: only a static table or the snapshot.</summary>
    public string? Kubeconfig { get; set; }

    /// <summary>Which kind endpoints are read from: auto, endpointslices or endpoints.</summary>
    public string DiscoveryKind { get; set; } = "auto";

    /// <summary>The node's agent, which tells the local pods. None: no pod addresses are bound.</summary>
    public Uri? Agent { get; set; }

    /// <summary>Where anybody may call, such as the node's address.</summary>
    public IReadOnlyList<IPEndPoint> Listen { get; set; } = [];

    /// <summary>Where /metrics, /table.json, /healthz and /readyz are.</summary>
    public IReadOnlyList<IPEndPoint> Admin { get; set; } = [];

    /// <summary>The port on each local pod's address.</summary>
    public int PodPort { get; set; } = 4140;

    /// <summary>Where the snapshot of the table and the last known local pods lie. None: nothing is kept.</summary>
    public string? DataDirectory { get; set; }

    internal string? SnapshotPath => DataDirectory is { } folder ? Path.Combine(folder, "table.snapshot") : null;

    /// <summary>Which start of the router this is, for whoever waits until it serves; one word.</summary>
    public string Instance { get; set; } = "";

    public string ClusterDomain { get; set; } = "cluster.local";

    /// <summary>Event loops, each a thread with its own connections.</summary>
    public int Threads { get; set; } = 1;

    /// <summary>A table in JSON instead of discovery, for tests and benchmarks.</summary>
    public string? TableFile { get; set; }

    /// <summary>Does an answer of 5xx count against its endpoint as a broken connection does?</summary>
    public bool BreakOnServerErrors { get; set; }

    /// <summary>A connection to an endpoint must stand after this time.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>One try must bring the head of an answer after this time.</summary>
    public TimeSpan TryTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>All tries together must bring it after this time.</summary>
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A request's head must be whole after this time, from its first byte.</summary>
    public TimeSpan HeadTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A caller's connection may be idle for this time.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(75);

    /// <summary>
    /// A connection to an endpoint may be idle for this time: less than servers wait (nginx 75 s, Kestrel 130 s).
    /// </summary>
    public TimeSpan UpstreamIdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A body on its way may stand still for this time.</summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>A tunnel (WebSocket) may stand still for this time.</summary>
    public TimeSpan TunnelIdleTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>At the end, calls that are out have this time to finish.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>For drills: what of the router's protections is in force.</summary>
    internal RouterProtections Protections { get; set; } = RouterProtections.All;

    /// <summary>
    /// Not a router but a throw-away instance of one: it tries whether one could start, prints a line of JSON and ends.
    /// </summary>
    public Proof.ProofKind? Prove { get; set; }

    /// <summary>
    /// For a throw-away instance: the heartbeat that the serving router saw among the endpoints; -1 for none.
    /// </summary>
    public long ProveHeartbeat { get; set; } = -1;

    /// <summary>The same of the heartbeat among the Services.</summary>
    public long ProveServicesHeartbeat { get; set; } = -1;

    /// <summary>Everything that is wrong with these options; empty when all is well.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        if (Listen.Count == 0)
        {
            faults.Add("--listen: at least one IP:PORT is needed");
        }

        if (Threads is < 1 or > 64)
        {
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"--threads: {Threads} is not between 1 and 64"));
        }

        if (PodPort is < 1 or > 65535)
        {
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"--pod-port: {PodPort} is no port"));
        }

        if (Kubeconfig is not null && TableFile is not null)
        {
            faults.Add("--table: a static table and a kubeconfig exclude each other");
        }

        if (Kubeconfig is null && TableFile is null)
        {
            faults.Add("--kubeconfig: the API server's kubeconfig is needed (or --table)");
        }

        if (Agent is { Scheme: not "http" })
        {
            faults.Add($"--agent: {Agent} is no http address");
        }

        if (DiscoveryKind is not ("auto" or "endpointslices" or "endpoints"))
        {
            faults.Add($"--discovery: \"{DiscoveryKind}\" is none of auto, endpointslices, endpoints");
        }

        var wrong = Times().Where(time => time.Value <= TimeSpan.Zero);
        faults.AddRange(wrong.Select(time => $"{time.Name}: must be above zero"));
        return faults;
    }

    private IEnumerable<(string Name, TimeSpan Value)> Times() =>
    [
        ("--connect-timeout", ConnectTimeout), ("--try-timeout", TryTimeout), ("--total-timeout", TotalTimeout),
        ("--head-timeout", HeadTimeout), ("--idle-timeout", IdleTimeout),
        ("--upstream-idle-timeout", UpstreamIdleTimeout), ("--stall-timeout", StallTimeout),
        ("--tunnel-idle-timeout", TunnelIdleTimeout), ("--drain-timeout", DrainTimeout),
    ];
}
