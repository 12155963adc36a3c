using Mainstay.Router.Http1;

namespace Mainstay.Router.Pipeline;

/// <summary>Refuses what must not be carried at all, before anything is looked up.</summary>
internal static class Admission
{
    public static Reason? Refusal(Call call)
    {
        var head = call.Head;
        return head.Method switch
        {
            // A tunnel to anywhere would make every router a way out of the cluster.
            Method.Connect => Reason.EgressRefused,
            // TRACE would show a caller what other hops have added; nobody needs it.
            Method.Trace => Reason.TraceRefused,
            // A service whose endpoint is a router would send a request round and round.
            _ when head.Headers.OwnViaCount >= Limits.ViaHopsMax => Reason.Loop,
            _ => null,
        };
    }
}
