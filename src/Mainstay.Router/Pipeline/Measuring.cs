namespace Mainstay.Router.Pipeline;

/// <summary>
/// What a call teaches: the counters of its service, the latency and the breaker of its endpoint. A head of 5xx is a
/// failure at once; any other answer is judged at its end, for whoever sends a good head and half a body has not
/// answered.
/// </summary>
internal static class Measuring
{
    /// <summary>What a cut answer counts as, whatever its head said: the caller has no answer.</summary>
    private const int CutStatus = 502;

    /// <summary>The final head of the endpoint's answer is there.</summary>
    public static void Answered(Call call)
    {
        var endpoint = call.Endpoint!; // Only an endpoint answers.
        var now = call.Loop.Events.ReadClock();
        call.AnsweredMicros = now;
        endpoint.Latency.Observe(now - call.TryStartedMicros, now);
        if (call.Status < 500)
        {
            return;
        }

        endpoint.Tried(failed: true);
        Fallbacks.Answered(call, isGood: false);
        if (call.Loop.Settings.BreakOnServerErrors)
        {
            endpoint.Breaker.Failed(now);
        }
    }

    /// <summary>The answer is with the caller, or as much of it as the caller wanted.</summary>
    public static void AnswerWhole(Call call)
    {
        if (call.Status < 500)
        {
            call.Endpoint!.Tried(failed: false); // Only an endpoint answers.
            Fallbacks.Answered(call, isGood: true);
        }

        if (call.Status < 500 || !call.Loop.Settings.BreakOnServerErrors)
        {
            call.Endpoint!.Breaker.Succeeded();
        }
    }

    /// <summary>
    /// The endpoint ended its answer in the middle, made no sense there, or stood still: a failure of the service,
    /// though its head said otherwise. The caller's connection is cut next.
    /// </summary>
    public static void AnswerCut(Call call)
    {
        if (call.Status < 500)
        {
            TryFailed(call);
            Fallbacks.Answered(call, isGood: false);
        }
        else if (!call.Loop.Settings.BreakOnServerErrors)
        {
            call.Endpoint!.Breaker.Failed(call.Loop.Events.NowMicros); // Only an endpoint answers.
        }

        Count(call, CutStatus);
    }

    /// <summary>
    /// Bytes went on. A probe cannot wait for the end of an answer that streams for hours: then that it moves is word
    /// enough.
    /// </summary>
    public static void Moved(Call call)
    {
        if (!call.HasAnswerOut || !IsStream(call))
        {
            return;
        }

        Fallbacks.Streams(call);
        if (call.IsProbe)
        {
            call.IsProbe = false;
            call.Endpoint!.Breaker.Succeeded(); // Only an endpoint answers.
        }
    }

    /// <summary>Its answer was still on its way a good while after its head.</summary>
    public static bool IsStream(Call call) =>
        call.LastMoveMicros - call.AnsweredMicros >= Limits.StreamMilliseconds * 1000L;

    /// <summary>The try came to nothing: no connection, no answer, or no sense in it.</summary>
    public static void TryFailed(Call call)
    {
        call.Endpoint?.Tried(failed: true);
        call.Endpoint?.Breaker.Failed(call.Loop.Events.NowMicros);
    }

    public static void CallEnded(Call call)
    {
        Count(call, call.Status);
        if (call.Port is not null)
        {
            call.Service!.Counters.InFlight--; // A call with a port has a service.
        }
    }

    /// <summary>
    /// The call has become a tunnel: its answer is counted now, its end will be that of its connection.
    /// </summary>
    public static void Switched(Call call)
    {
        AnswerWhole(call);
        Count(call, call.Status);
    }

    /// <summary>The call ends with its connection: what there was to count is counted.</summary>
    public static void CallAbandoned(Call call)
    {
        if (call.Port is not null)
        {
            call.Service!.Counters.InFlight--; // A call with a port has a service.
        }
    }

    private static void Count(Call call, int status)
    {
        var counters = call.Service?.Counters ?? call.Loop.Unknown;
        counters.Answered(status, call.ByRouter, call.Loop.Events.ReadClock() - call.StartedMicros);
        counters.Callers.Count(call.Client.Caller, status >= 500, call.Loop.Events.NowMicros);
    }
}
