using Mainstay.Router.Discovery.Freshness;

namespace Mainstay.Simulation.Router.Freshness;

/// <summary>
/// A router around the real cores: it watches one API server, carries out what <see cref="FreshnessCore"/> decides, and
/// takes part in the election by <see cref="ElectionCore"/>. Everything takes some time, by chance.
/// </summary>
internal sealed class SimulatedRouter
{
    private readonly SimulatedControlPlane _plane;
    private readonly Random _random;
    private readonly Uri[] _uris;
    private readonly FreshnessCore _core = new(new FreshnessOptions());
    private readonly ElectionCore _election;
    private readonly List<(double At, QuorumAnswer Answer)> _answers = [];
    private int _server;
    private double? _listedAt;
    private double _nextWriteAt;

    public SimulatedRouter(string name, SimulatedControlPlane plane, Random random)
    {
        (Name, _plane, _random) = (name, plane, random);
        _uris = [.. Enumerable.Range(0, plane.Servers).Select(server => new Uri($"https://api-{server}"))];
        _server = random.Next(plane.Servers);
        _listedAt = 0;
        _election = new ElectionCore(name, TimeSpan.FromSeconds(5));
        _nextWriteAt = random.NextDouble();
    }

    public string Name { get; }

    public FreshnessState State => _core.State;

    /// <summary>How many events of the store are in the table.</summary>
    public int Applied { get; private set; }

    public int Leaves { get; private set; }

    /// <summary>A writer that is dead writes nothing; its router goes on otherwise.</summary>
    public bool WriterIsDead { get; set; }

    public void Tick(double now)
    {
        Follow(now);
        foreach (var (_, answer) in _answers.Where(one => one.At <= now).OrderBy(one => one.At).ToArray())
        {
            _core.Answered(answer, At(now));
        }

        _answers.RemoveAll(one => one.At <= now);
        var look = new FreshnessLook(At(now), _uris[_server], _listedAt is null, _uris.Length);
        switch (_core.Tick(look))
        {
            case FreshnessAction.Ask:
                Ask(now);
                break;
            case FreshnessAction.Leave:
                Leaves++;
                _server = _core.Next is { } next ? Array.IndexOf(_uris, next) : (_server + 1) % _uris.Length;
                _listedAt = now + Took(0.1, 0.5);
                break;
            default:
                break;
        }

        Write(now);
    }

    private void Follow(double now)
    {
        if (_listedAt is { } at)
        {
            if (now >= at)
            {
                List(now);
            }

            return;
        }

        if (_plane.FaultOf(_server) == ServerFault.Down)
        {
            // The connection ends, and the reflector goes on to the next server from where it is.
            _server = (_server + 1) % _uris.Length;
            _listedAt = now + Took(0.2, 0.6);
            return;
        }

        Take(_plane.Told(_server, now), byWatch: true, now);
    }

    private void List(double now)
    {
        if (!_plane.HasQuorum || _plane.FaultOf(_server) == ServerFault.Down)
        {
            _server = (_server + 1) % _uris.Length;
            _listedAt = now + Took(0.2, 2);
            return;
        }

        _listedAt = null;
        Take(_plane.Log.Count, byWatch: false, now);
    }

    private void Take(int told, bool byWatch, double now)
    {
        for (; Applied < told; Applied++)
        {
            if (_plane.Log[Applied].Sequence is { } sequence)
            {
                _core.Heard(sequence, byWatch, At(now));
            }
        }
    }

    private void Ask(double now)
    {
        for (var server = 0; server < _uris.Length; server++)
        {
            var isAnswered = _plane.HasQuorum && _plane.FaultOf(server) != ServerFault.Down;
            _answers.Add(isAnswered
                ? (now + Took(0.01, 0.3), new QuorumAnswer(_uris[server], _plane.Sequence, ""))
                : (now + Took(0.01, 2), new QuorumAnswer(_uris[server], null, "no answer")));
        }
    }

    private void Write(double now)
    {
        if (now < _nextWriteAt)
        {
            return;
        }

        _nextWriteAt = now + 1;
        var isHolder = _plane.Lease.Holder == Name;
        if (WriterIsDead || !_plane.HasQuorum || (!isHolder && _core.Seen >= 0 && Age(now) < 2.5))
        {
            return;
        }

        var (holder, version) = _plane.Lease;
        var lease = version == 0 ? null : new LeaseRecord(holder, $"{version}", 0);
        if (_election.Seen(lease, At(now)) != ElectionStep.Wait && _plane.TryTakeLease(Name, version))
        {
            _plane.TryBeat(Name, now);
        }
    }

    private double Age(double now) => now - _core.AdvancedAt.TotalSeconds;

    private double Took(double least, double most) => least + (_random.NextDouble() * (most - least));

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
