using Mainstay.Router.Balancing;

namespace Mainstay.Router.Pipeline;

internal enum DispatchOutcome
{
    Ready,
    Connecting,
    NoEndpoint,
    Failed,
}

/// <summary>Which endpoint, and over which connection: an idle one where there is one, else a new one.</summary>
internal static class Dispatch
{
    public static DispatchOutcome Start(Call call, EndpointState? avoid)
    {
        var now = call.TryStartedMicros;
        var endpoint = call.Port!.Choose(now, avoid); // Addressing has found it.
        if (endpoint is null)
        {
            return DispatchOutcome.NoEndpoint;
        }

        call.Endpoint = endpoint;
        call.IsProbe = endpoint.Breaker.Started(now);
        while (endpoint.TakeIdle() is { } idle)
        {
            // A request that must not be sent twice is worth a look whether the endpoint has just hung up.
            if (!Retrying.IsRepeatable(call.Head) && idle.Transport.HasInput())
            {
                idle.Close();
                continue;
            }

            idle.Resume(call);
            call.Upstream = idle;
            endpoint.InFlight++;
            return DispatchOutcome.Ready;
        }

        var connection = call.Loop.RentUpstream();
        if (!connection.Open(endpoint, call))
        {
            call.Loop.Closed(connection);
            return DispatchOutcome.Failed;
        }

        call.Upstream = connection;
        endpoint.InFlight++;
        return DispatchOutcome.Connecting;
    }
}
