using Mainstay.ConsoleSite.Signals.Failures;

namespace Mainstay.ConsoleSite.Signals;

/// <summary>
/// One look at a platform, for a command: each part has a few seconds; where one does not answer all are asked once
/// more, so that a lost answer on a busy machine is no outage. What a console judges is judged here if none answers.
/// </summary>
public static class SignalLook
{
    public static async Task<SignalReport> OnceAsync(
        PlatformMap map, TimeProvider time, CancellationToken cancellationToken)
    {
        using var client = new PartClient(Limits.LookDeadline, time);
        var collector = new SignalCollector(client, TimeSpan.Zero, time);
        var collected = await collector.CollectAsync(map, cancellationToken);
        if (collected.Unknown.Length > 0)
        {
            await Task.Delay(Limits.LookAgain, time, cancellationToken);
            collected = await collector.CollectAsync(map, cancellationToken);
        }

        if (!collected.IsWithoutConsole)
        {
            return SignalReport.Of(collected);
        }

        var judged = await new FailureLook(map, time).JudgeAsync(collected, collector, cancellationToken);
        return SignalReport.Of(judged.Collected) with { Notes = judged.Notes };
    }
}
