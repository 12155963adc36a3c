namespace Mainstay.Router.Discovery.Freshness;

/// <summary>
/// How long silence is borne. Together: a stale API server is named within SilentAfter, a quorum read and ConfirmFor,
/// 7 s at most, and left at once; 8 s for Services.
/// </summary>
internal sealed record FreshnessOptions
{
    /// <summary>Seconds without an advance of the sequence, which advances each second, before one asks.</summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Beats that may be missing against the pace of one a second before one asks: a server that lags more and more
    /// never falls silent.
    /// </summary>
    public int BeatsBehindMax { get; init; } = 5;

    /// <summary>An answer to a quorum read must be there after this time.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// When the store is ahead of the watch, the watch has this time to bring the same: it may just be on its way.
    /// </summary>
    public TimeSpan ConfirmFor { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Between two rounds of quorum reads while the doubt lasts.</summary>
    public TimeSpan AskAgainAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many times that at most: rounds in vain come slower.</summary>
    public int AskAgainGrowthMax { get; init; } = 5;

    /// <summary>After a server was left, the next one has this time; each time in a row it is doubled.</summary>
    public TimeSpan SettleFor { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest such time.</summary>
    public TimeSpan SettleForMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// A server that was left is named for this time at least, from when it was first named: the repair takes less than
    /// the time between two looks of whoever collects signals, and a server that hangs is worth knowing afterwards.
    /// </summary>
    public TimeSpan NamedFor { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>API servers that are asked in one round, the own one among them.</summary>
    public int ServersAskedMax { get; init; } = 4;

    /// <summary>
    /// For Services, whose heartbeat comes every other second: two of them missing, and a second for a slow write.
    /// </summary>
    public FreshnessOptions ForServices => this with
    {
        SilentAfter = SilentAfter + TimeSpan.FromSeconds(1),
        BeatsBehindMax = BeatsBehindMax + 2,
    };
}
