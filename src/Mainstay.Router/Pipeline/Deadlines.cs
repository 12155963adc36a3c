namespace Mainstay.Router.Pipeline;

/// <summary>The one deadline that applies to a call now. Setting it later than before costs a field.</summary>
internal static class Deadlines
{
    public static void Arm(Call call)
    {
        var settings = call.Loop.Settings;
        var total = call.StartedMicros + settings.TotalMicros;
        long deadline;
        if (call.Upstream is { IsConnected: false })
        {
            deadline = Math.Min(call.TryStartedMicros + settings.ConnectMicros, total);
        }
        else if (call.AnswerStarted || call.RequestSentMicros == 0)
        {
            // Something is on its way: as long as it moves it may go on.
            deadline = call.LastMoveMicros + (call.IsTunnel ? settings.TunnelIdleMicros : settings.StallMicros);
        }
        else
        {
            deadline = Math.Min(call.RequestSentMicros + settings.TryMicros, total);
        }

        if (call.Client.HalfClosedMicros != 0 && !call.AnswerStarted)
        {
            deadline = Math.Min(deadline, GraceEnds(call));
        }

        call.Client.SetDeadline(deadline);
    }

    /// <summary>The caller has closed its side and nothing came in the time it was given.</summary>
    public static bool CallerLeft(Call call, long nowMicros) =>
        call.Client.HalfClosedMicros != 0 && nowMicros >= GraceEnds(call);

    private static long GraceEnds(Call call) =>
        Math.Max(call.Client.HalfClosedMicros, call.StartedMicros) + (Limits.HalfCloseGraceMilliseconds * 1000L);
}
