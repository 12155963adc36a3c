using Mainstay.Router.Discovery;
using Mainstay.Router.Resilience;

namespace Mainstay.Router.Balancing;

/// <summary>
/// One loop's balancer for one port of one service: power of two choices over the endpoints that are ready and not
/// broken. Two are drawn and the one with the lower expected wait gets the call, so a slow one gets fewer, and no herd
/// runs to the fastest. When every endpoint is broken the breakers say nothing useful, and all are used.
/// </summary>
internal sealed class PortState
{
    private readonly Random _random;
    private EndpointState[] _ready = [];
    private EndpointState[] _admitted = [];

    public RetryBudget Budget;

    public PortState(Random random, long nowMicros)
    {
        _random = random;
        Budget = new RetryBudget(nowMicros);
    }

    public ReadOnlySpan<EndpointState> Ready => _ready;

    /// <summary>Takes over a new set of endpoints; those that stay keep their state and their connections.</summary>
    public void Adopt(PortRoute? route)
    {
        var before = _ready;
        var endpoints = route is null ? [] : route.Endpoints;
        var ready = new List<EndpointState>(endpoints.Length);
        foreach (var endpoint in endpoints)
        {
            if (!endpoint.Ready)
            {
                continue;
            }

            var state = Array.Find(before, known => IsSame(known.Endpoint, endpoint)) ?? new EndpointState(endpoint);
            state.Endpoint = endpoint;
            ready.Add(state);
        }

        _ready = [.. ready];
        _admitted = new EndpointState[_ready.Length];
        foreach (var gone in before.Except(_ready))
        {
            gone.Retire();
        }
    }

    /// <summary>Whether there is an endpoint that may be called now, be it as a breaker's probe.</summary>
    public bool HasLive(long nowMicros)
    {
        foreach (var endpoint in _ready)
        {
            if (endpoint.Breaker.Admits(nowMicros))
            {
                return true;
            }
        }

        return false;
    }

    /// <param name="nowMicros">the time</param>
    /// <param name="avoid">the endpoint that has just failed this call, used again only when there is no other</param>
    /// <returns>null when the service has no ready endpoint</returns>
    public EndpointState? Choose(long nowMicros, EndpointState? avoid)
    {
        if (_ready.Length == 1)
        {
            return _ready[0];
        }

        if (_ready.Length > 1)
        {
            var better = BetterOfTwo(_ready, nowMicros);
            if (better != avoid && better.Breaker.Admits(nowMicros))
            {
                return better;
            }
        }

        // The draw was a broken one: only now is it worth looking at all.
        var count = 0;
        foreach (var endpoint in _ready)
        {
            if (endpoint != avoid && endpoint.Breaker.Admits(nowMicros))
            {
                _admitted[count++] = endpoint;
            }
        }

        var from = count > 0 ? _admitted.AsSpan(0, count) : _ready.AsSpan();
        return from.Length switch
        {
            0 => null,
            1 => from[0],
            _ => BetterOfTwo(from, nowMicros),
        };
    }

    private EndpointState BetterOfTwo(ReadOnlySpan<EndpointState> from, long nowMicros)
    {
        var first = _random.Next(from.Length);
        var second = _random.Next(from.Length - 1);
        second += second >= first ? 1 : 0;
        var (one, other) = (from[first], from[second]);
        return one.Latency.Cost(one.InFlight, nowMicros) <= other.Latency.Cost(other.InFlight, nowMicros) ? one : other;
    }

    private static bool IsSame(Endpoint known, Endpoint endpoint) =>
        known.Address == endpoint.Address && known.Port == endpoint.Port && known.Uid == endpoint.Uid;
}
