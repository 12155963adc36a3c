namespace Mainstay.Router.Pipeline;

/// <summary>What a call teaches: the counters of its service, the latency and the breaker of its endpoint.</summary>
internal static class Measuring
{
    /// <summary>The final head of the endpoint's answer is there.</summary>
    public static void Answered(Call call)
    {
        var endpoint = call.Endpoint!; // Only an endpoint answers.
        var now = call.Loop.Events.ReadClock();
        endpoint.Latency.Observe(now - call.TryStartedMicros, now);
        endpoint.Tried(failed: call.Status >= 500);
        if (call.Status >= 500 && call.Loop.Settings.BreakOnServerErrors)
        {
            endpoint.Breaker.Failed(now);
        }
        else
        {
            endpoint.Breaker.Succeeded();
        }

        Fallbacks.Answered(call);
    }

    /// <summary>The try came to nothing: no connection, no answer, or no sense in it.</summary>
    public static void TryFailed(Call call)
    {
        call.Endpoint?.Tried(failed: true);
        call.Endpoint?.Breaker.Failed(call.Loop.Events.NowMicros);
    }

    public static void CallEnded(Call call)
    {
        var counters = call.Service?.Counters ?? call.Loop.Unknown;
        counters.Answered(call.Status, call.ByRouter, call.Loop.Events.ReadClock() - call.StartedMicros);
        counters.Callers.Count(call.Client.Caller, call.Status >= 500);
        if (call.Port is not null)
        {
            counters.InFlight--;
        }
    }

    /// <summary>
    /// The call has become a tunnel: its answer is counted now, its end will be that of its connection.
    /// </summary>
    public static void Switched(Call call)
    {
        call.Endpoint!.Breaker.Succeeded(); // Only an endpoint switches.
        var micros = call.Loop.Events.ReadClock() - call.StartedMicros;
        call.Service!.Counters.Answered(call.Status, byRouter: false, micros);
    }

    /// <summary>The caller left: there is no status to count.</summary>
    public static void CallAbandoned(Call call)
    {
        if (call.Port is not null)
        {
            call.Service!.Counters.InFlight--; // A call with a port has a service.
        }
    }
}
