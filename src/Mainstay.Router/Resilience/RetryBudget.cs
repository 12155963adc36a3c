namespace Mainstay.Router.Resilience;

/// <summary>
/// Bounds retries to a share of calls, so that a service in trouble is not buried by them: each call pays in a fifth of
/// a
/// retry, time pays in ten a second, and no more than a hundred are saved up. Owned by one loop.
/// </summary>
internal struct RetryBudget(long nowMicros)
{
    public const double PerCall = 0.2;
    public const double PerSecond = 10;
    public const double SavedMax = 100;

    private double _saved = PerSecond;
    private long _atMicros = nowMicros;

    public void CallStarted() => _saved = Math.Min(_saved + PerCall, SavedMax);

    public bool TrySpend(long nowMicros)
    {
        var earned = (nowMicros - _atMicros) * PerSecond / 1_000_000;
        _atMicros = nowMicros;
        _saved = Math.Min(_saved + Math.Max(earned, 0), SavedMax);
        if (_saved < 1)
        {
            return false;
        }

        _saved--;
        return true;
    }
}
