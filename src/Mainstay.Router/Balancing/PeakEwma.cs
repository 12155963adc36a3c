namespace Mainstay.Router.Balancing;

/// <summary>
/// A latency that jumps up at once and comes down slowly: what an endpoint's last answers say about its next one.
/// With a time constant of 10 s, an endpoint at 1 ms that answers once in 100 ms counts as 100 ms, and as about 37 ms
/// 10 s later. Owned by one loop.
/// </summary>
internal struct PeakEwma
{
    private const double TimeConstantMicros = 10_000_000;

    /// <summary>For an endpoint that has not answered yet: neither shunned nor flooded.</summary>
    private const double UnknownMicros = 1_000;

    private double _micros;
    private long _atMicros;

    /// <summary>0 before the first answer; any thread may read it.</summary>
    public readonly double Micros => _micros;

    public void Observe(long latencyMicros, long nowMicros)
    {
        if (_micros == 0 || latencyMicros > _micros)
        {
            _micros = Math.Max(latencyMicros, 1);
        }
        else
        {
            var kept = Math.Exp(-Math.Max(nowMicros - _atMicros, 0) / TimeConstantMicros);
            _micros = Math.Max((_micros * kept) + (latencyMicros * (1 - kept)), 1);
        }

        _atMicros = nowMicros;
    }

    /// <summary>The expected wait of one more call: an endpoint that is left alone becomes attractive again.</summary>
    public readonly double Cost(int inFlight, long nowMicros)
    {
        if (_micros == 0)
        {
            return UnknownMicros * (inFlight + 1);
        }

        var silence = nowMicros - _atMicros;
        var expected = silence > TimeConstantMicros / 10
            ? _micros * Math.Exp(-silence / TimeConstantMicros)
            : _micros;
        return expected * (inFlight + 1);
    }
}
