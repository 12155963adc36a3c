using Mainstay.Router.Http1;
using Mainstay.Router.Resilience;

namespace Mainstay.Router.Pipeline;

/// <summary>
/// A service's calls go to its fallback when it has no live endpoint, fails, or a person says so; and a single call
/// does when its tries have come to nothing. A call that the service may have carried out is never sent again, unless
/// that does no harm (as in <see cref="Retrying"/>).
/// </summary>
internal static class Fallbacks
{
    /// <summary>Before the first try: which way?</summary>
    public static void Enter(Call call)
    {
        if (call.Service!.Fallback is not { Target: { Ready.Length: > 0 } target } fallback) // Addressing found it.
        {
            return;
        }

        var now = call.StartedMicros;
        if (fallback.Switch.Choose(call.Port!.HasLive(now), now) == FallbackChoice.Fallback)
        {
            call.Fallback = fallback;
            call.Port = target;
            target.Budget.CallStarted();
            call.Service.Counters.FallbackCalls++;
        }
        else
        {
            call.IsJudged = true;
        }
    }

    /// <summary>The service has answered, well or not.</summary>
    public static void Answered(Call call, bool isGood)
    {
        if (call.IsJudged)
        {
            Judge(call, isGood);
        }
    }

    /// <summary>
    /// Its answer is on its way and has been for long: good enough for a probe, whose end may be hours away.
    /// </summary>
    public static void Streams(Call call)
    {
        if (call.IsJudged && call.Service?.Fallback is { Switch.IsActive: true })
        {
            Judge(call, isGood: true);
        }
    }

    /// <summary>
    /// The service's tries have come to nothing, before a byte of an answer was passed on. Nothing was sent, or it may
    /// be sent again: then the fallback gets the call.
    /// </summary>
    /// <param name="call">whose tries are over</param>
    /// <param name="wasSent">whether an endpoint may have seen the request</param>
    public static bool TakesOver(Call call, bool wasSent)
    {
        Answered(call, isGood: false);
        var now = call.Loop.Events.NowMicros;
        if (call.Fallback is not null ||
            call.Service?.Fallback is not { Target: { Ready.Length: > 0 } target } fallback ||
            fallback.Switch.Mode == FallbackMode.Off ||
            (wasSent && !(call.InterimCount == 0 && call.RequestBody.IsDone && Retrying.IsRepeatable(call.Head))) ||
            call.IsCommitted || now - call.StartedMicros >= call.Loop.Settings.TotalMicros)
        {
            return false;
        }

        call.Fallback = fallback;
        call.Port = target;
        call.Tries = 0;
        target.Budget.CallStarted();
        call.Service.Counters.FallbackCalls++;
        return true;
    }

    private static void Judge(Call call, bool isGood)
    {
        call.IsJudged = false;
        call.Service?.Fallback?.Switch.Observe(isGood, call.Loop.Events.NowMicros);
    }
}
