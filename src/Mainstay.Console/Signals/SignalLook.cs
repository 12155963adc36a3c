namespace Mainstay.ConsoleSite.Signals;

/// <summary>One look at a platform, for a command: each part has a few seconds, and no second chance.</summary>
public static class SignalLook
{
    public static async Task<SignalReport> OnceAsync(
        PlatformMap map, TimeProvider time, CancellationToken cancellationToken)
    {
        using var client = new PartClient(Limits.LookDeadline, time);
        var collector = new SignalCollector(client, TimeSpan.Zero, time);
        return SignalReport.Of(await collector.CollectAsync(map, cancellationToken));
    }
}
