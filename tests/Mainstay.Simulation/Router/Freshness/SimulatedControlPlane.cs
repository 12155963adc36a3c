namespace Mainstay.Simulation.Router.Freshness;

/// <summary>One event of the store: a change of what is routed on, or a beat.</summary>
/// <param name="Sequence">of the heartbeat; null for a change</param>
internal sealed record StoreEvent(double At, long? Sequence);

/// <summary>What is wrong with an API server.</summary>
internal enum ServerFault
{
    None,

    /// <summary>Watches stay open and bring nothing; quorum reads are answered.</summary>
    Mute,

    /// <summary>Watches bring what happened some time ago.</summary>
    Lag,

    /// <summary>Nothing is answered and nothing comes.</summary>
    Down,
}

/// <summary>
/// A store, its heartbeat lease, and API servers before it whose faults begin and end by chance. Events stand in the
/// order of the store. Time is seconds.
/// </summary>
internal sealed class SimulatedControlPlane(int servers, Random random)
{
    private readonly ServerFault[] _faults = new ServerFault[servers];
    private readonly double[] _faultUntil = new double[servers];
    private readonly double[] _lag = new double[servers];
    private readonly int[] _frozenAt = new int[servers];

    public List<StoreEvent> Log { get; } = [];

    public long Sequence { get; private set; } = -1;

    public double LastBeatAt { get; private set; }

    public bool HasQuorum { get; private set; } = true;

    /// <summary>Who holds the lease, and its version for the compare-and-swap.</summary>
    public (string Holder, long Version) Lease { get; private set; } = ("", 0);

    public int Servers => servers;

    public ServerFault FaultOf(int server) => _faults[server];

    public void Break(int server, ServerFault fault, double until)
    {
        _faults[server] = fault;
        _faultUntil[server] = until;
        _lag[server] = 6 + (random.NextDouble() * 20);
        _frozenAt[server] = Log.Count;
    }

    public void LoseQuorum(bool isLost) => HasQuorum = !isLost;

    public void Tick(double now)
    {
        for (var server = 0; server < servers; server++)
        {
            if (_faults[server] != ServerFault.None && now >= _faultUntil[server])
            {
                _faults[server] = ServerFault.None;
            }
        }
    }

    public void Change(double now)
    {
        if (HasQuorum)
        {
            Log.Add(new StoreEvent(now, null));
        }
    }

    public bool TryBeat(string writer, double now)
    {
        if (!HasQuorum || Lease.Holder != writer)
        {
            return false;
        }

        Sequence++;
        LastBeatAt = now;
        Log.Add(new StoreEvent(now, Sequence));
        return true;
    }

    public bool TryTakeLease(string who, long version)
    {
        if (!HasQuorum || version != Lease.Version)
        {
            return false;
        }

        Lease = (who, version + 1);
        return true;
    }

    /// <summary>How many events a watch on this server has brought by now.</summary>
    public int Told(int server, double now) => _faults[server] switch
    {
        ServerFault.Mute or ServerFault.Down => _frozenAt[server],
        ServerFault.Lag => Log.FindLastIndex(happened => happened.At <= now - _lag[server]) + 1,
        _ => Log.Count,
    };
}
