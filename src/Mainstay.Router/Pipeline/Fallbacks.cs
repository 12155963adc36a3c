using Mainstay.Router.Balancing;
using Mainstay.Router.Http1;
using Mainstay.Router.Resilience;

namespace Mainstay.Router.Pipeline;

/// <summary>
/// A service's calls go to its fallback when it has no live endpoint, fails, or a person says so; and a single call
/// does when its tries have come to nothing. What the fallback does not take goes to the service itself, once that has
/// answered a probe. A call that somebody may have carried out is never sent again, unless that does no harm (as in
/// <see cref="Retrying"/>).
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
            call.Detour.PassedBy = call.Port;
            HandTo(fallback, target, call);
        }
        else
        {
            call.Detour.IsJudged = true;
        }
    }

    /// <summary>The service has answered, well or not.</summary>
    public static void Answered(Call call, bool isGood)
    {
        if (call.Detour.IsJudged)
        {
            Judge(call, isGood);
        }
    }

    /// <summary>
    /// Its answer is on its way and has been for long: good enough for a probe, whose end may be hours away.
    /// </summary>
    public static void Streams(Call call)
    {
        if (call.Detour.IsJudged && call.Service?.Fallback is { Switch.IsActive: true })
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
        if (call.Detour.Fallback is not null || call.Detour.IsTurnedDown ||
            call.Service?.Fallback is not { Target: { Ready.Length: > 0 } target } fallback ||
            fallback.Switch.Mode == FallbackMode.Off || !MaySendOn(call, wasSent))
        {
            return false;
        }

        HandTo(fallback, target, call);
        return true;
    }

    /// <summary>
    /// The fallback has answered that it fails, or not at all, and has not passed on a byte of an answer. The service
    /// has not seen the call and was found well lately: then it gets the call, as one more probe.
    /// </summary>
    /// <param name="call">whose tries at the fallback are over</param>
    /// <param name="wasSent">whether the fallback may have seen the request</param>
    public static bool TurnsDown(Call call, bool wasSent)
    {
        if (call.Detour.PassedBy is not { } port || call.Detour.Fallback is not { Switch.MayComeBack: true } ||
            !port.HasLive(call.Loop.Events.NowMicros) || !MaySendOn(call, wasSent))
        {
            return false;
        }

        call.Port = port;
        call.Detour.PassedBy = null;
        call.Detour.Fallback = null;
        call.Detour.IsTurnedDown = true;
        return true;
    }

    private static bool MaySendOn(Call call, bool wasSent) =>
        !call.IsCommitted &&
        (!wasSent || (call.InterimCount == 0 && call.RequestBody.IsDone && Retrying.IsRepeatable(call.Head))) &&
        call.Loop.Events.NowMicros - call.StartedMicros < call.Loop.Settings.TotalMicros;

    private static void HandTo(ServiceFallback fallback, PortState target, Call call)
    {
        call.Detour.Fallback = fallback;
        call.Port = target;
        target.Budget.CallStarted();
        call.Service!.Counters.FallbackCalls++; // Whose fallback it is.
    }

    private static void Judge(Call call, bool isGood)
    {
        call.Detour.IsJudged = false;
        call.Service?.Fallback?.Switch.Observe(isGood, call.Loop.Events.NowMicros);
    }
}
