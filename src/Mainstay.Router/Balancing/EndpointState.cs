using Mainstay.Router.Discovery;
using Mainstay.Router.Pipeline;
using Mainstay.Router.Resilience;

namespace Mainstay.Router.Balancing;

/// <summary>
/// What one loop knows of one endpoint: its latency, its breaker, its idle connections. Owned by that loop.
/// </summary>
internal sealed class EndpointState(Endpoint endpoint)
{
    private UpstreamConnection? _idle;

    public PeakEwma Latency;
    public Breaker Breaker;

    public Endpoint Endpoint { get; set; } = endpoint;

    public int InFlight { get; set; }

    /// <summary>
    /// Tries that ended since it came into the table, and those that failed: no connection, no answer or half of one,
    /// 5xx.
    /// </summary>
    public long Tries { get; private set; }

    public long Failures { get; private set; }

    public int IdleCount { get; private set; }

    /// <summary>No longer in the table: calls that are out may end, nothing is kept for later.</summary>
    public bool IsRetired { get; private set; }

    public void Tried(bool failed)
    {
        Tries++;
        Failures += failed ? 1 : 0;
    }

    /// <summary>
    /// The connection that was used last, which is the least likely to have been closed by the endpoint.
    /// </summary>
    public UpstreamConnection? TakeIdle()
    {
        var connection = _idle;
        if (connection is not null)
        {
            RemoveIdle(connection);
        }

        return connection;
    }

    /// <returns>false when there are enough already</returns>
    public bool TryKeep(UpstreamConnection connection)
    {
        if (IsRetired || IdleCount >= Limits.IdlePerEndpointMax)
        {
            return false;
        }

        connection.IdlePrevious = null;
        connection.IdleNext = _idle;
        if (_idle is not null)
        {
            _idle.IdlePrevious = connection;
        }

        _idle = connection;
        IdleCount++;
        return true;
    }

    public void RemoveIdle(UpstreamConnection connection)
    {
        if (connection.IdlePrevious is null)
        {
            _idle = connection.IdleNext;
        }
        else
        {
            connection.IdlePrevious.IdleNext = connection.IdleNext;
        }

        if (connection.IdleNext is not null)
        {
            connection.IdleNext.IdlePrevious = connection.IdlePrevious;
        }

        connection.IdleNext = null;
        connection.IdlePrevious = null;
        IdleCount--;
    }

    public void Retire()
    {
        IsRetired = true;
        while (TakeIdle() is { } connection)
        {
            connection.Close();
        }
    }
}
