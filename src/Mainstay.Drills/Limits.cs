namespace Mainstay.Drills;

/// <summary>Bounds of a drill, each with its unit and reason.</summary>
internal static class Limits
{
    /// <summary>Bytes of one list or one watch line that a proxy rewrites; a longer one ends the call.</summary>
    public const int RewrittenBytesMax = 32 << 20;

    /// <summary>Bytes of a request's body that a proxy takes: what an API server takes.</summary>
    public const int RequestBytesMax = 3 << 20;

    /// <summary>Bytes read at once from a server.</summary>
    public const int ChunkBytes = 16 << 10;

    /// <summary>Streams on one connection: hundreds of watches of many clients.</summary>
    public const int StreamsPerConnectionMax = 1000;

    /// <summary>How long a proxy waits at its end for calls that are open.</summary>
    public static readonly TimeSpan ProxyStopGrace = TimeSpan.FromSeconds(1);

    /// <summary>How long a proxy tries to reach its server.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A proxy's certificate outlives every drill.</summary>
    public static readonly TimeSpan ProxyCertificateLifetime = TimeSpan.FromDays(7);

    /// <summary>Clocks of one machine agree; this only keeps a certificate from being born in the future.</summary>
    public static readonly TimeSpan CertificateClockSkew = TimeSpan.FromHours(1);

    /// <summary>Signals in a report; a storm of more is cut, oldest first kept.</summary>
    public const int SignalRowsMax = 80;

    /// <summary>Seconds with failed attempts in a report: the first ones tell how it began.</summary>
    public const int FailureRowsMax = 40;

    /// <summary>Reasons told beside an expectation that does not hold: they stand on one line.</summary>
    public const int FailureReasonsMax = 3;

    /// <summary>Signals drawn in a chart.</summary>
    public const int SignalLanesMax = 14;
}
