using Mainstay.Kube;

namespace Mainstay.Controllers.NodeHealth;

/// <summary>What was judged of all nodes at once.</summary>
internal sealed record NodeJudgement(IReadOnlyDictionary<string, TimeSpan> Silent, int Nodes, bool IsStorm)
{
    /// <summary>We hear nothing ourselves: nothing is said of any node.</summary>
    public bool IsDeaf { get; init; }
}

/// <summary>
/// Which nodes are silent. A sign of life is a change of what a node renews (its Lease, or the heartbeat of its Ready
/// condition), timed by our own clock at the moment we see it: clocks of nodes do not matter. While we hear nothing
/// from
/// the API server ourselves, no silence counts. When most nodes are silent at once, that is a storm: more likely than
/// that they all died is that the way to them, or we, are at fault, and then no node is touched.
/// </summary>
internal sealed class NodePulse(TimeProvider time, TimeSpan grace)
{
    private readonly Dictionary<string, Seen> _seen = [];
    private long _heardAt = time.GetTimestamp();

    /// <param name="signs">node to its latest sign of life, whatever its form</param>
    /// <param name="heardAgo">how long the API server has told us nothing about any node</param>
    public NodeJudgement Judge(IReadOnlyDictionary<string, string> signs, TimeSpan heardAgo)
    {
        var now = time.GetTimestamp();
        var deaf = heardAgo > grace / 2 || time.GetElapsedTime(_heardAt, now) > grace / 2;
        _heardAt = heardAgo > grace / 2 ? _heardAt : now;
        foreach (var gone in _seen.Keys.Except(signs.Keys).ToArray())
        {
            _seen.Remove(gone);
        }
        foreach (var (node, sign) in signs)
        {
            if (deaf || !_seen.TryGetValue(node, out var seen) || seen.Sign != sign)
            {
                _seen[node] = new Seen(sign, now);
            }
        }
        var silent = _seen.Where(s => time.GetElapsedTime(s.Value.At, now) > grace)
            .ToDictionary(s => s.Key, s => time.GetElapsedTime(s.Value.At, now));
        return new NodeJudgement(silent, signs.Count, silent.Count * 2 > signs.Count) { IsDeaf = deaf };
    }

    private sealed record Seen(string Sign, long At);
}
