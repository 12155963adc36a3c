namespace Mainstay.Router.Pipeline;

/// <summary>The times of a call, in microseconds; <see cref="RouterOptions"/> says what they are for.</summary>
internal sealed record CallSettings
{
    public required long ConnectMicros { get; init; }

    public required long TryMicros { get; init; }

    public required long TotalMicros { get; init; }

    public required long HeadMicros { get; init; }

    public required long IdleMicros { get; init; }

    public required long UpstreamIdleMicros { get; init; }

    public required long StallMicros { get; init; }

    public required long TunnelIdleMicros { get; init; }

    public required bool BreakOnServerErrors { get; init; }

    public bool UsesFallbacks { get; init; } = true;

    public static CallSettings From(RouterOptions options) => new()
    {
        ConnectMicros = Micros(options.ConnectTimeout),
        TryMicros = Micros(options.TryTimeout),
        TotalMicros = Micros(options.TotalTimeout),
        HeadMicros = Micros(options.HeadTimeout),
        IdleMicros = Micros(options.IdleTimeout),
        UpstreamIdleMicros = Micros(options.UpstreamIdleTimeout),
        StallMicros = Micros(options.StallTimeout),
        TunnelIdleMicros = Micros(options.TunnelIdleTimeout),
        BreakOnServerErrors = options.BreakOnServerErrors,
        UsesFallbacks = options.Protections.Fallback,
    };

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}
