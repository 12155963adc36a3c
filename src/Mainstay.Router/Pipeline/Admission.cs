using System.Buffers.Text;
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
            // RFC 9110 section 7.6.2: at zero, whoever has the request answers it.
            Method.Options when ForwardsLeft(call) == 0 => Reason.FinalRecipient,
            // A service whose endpoint is a router would send a request round and round.
            _ when head.Headers.OwnViaCount >= Limits.ViaHopsMax => Reason.Loop,
            _ => null,
        };
    }

    /// <returns>what Max-Forwards allows, -1 when it says nothing that makes sense</returns>
    public static int ForwardsLeft(Call call)
    {
        var headers = call.Head.Headers;
        if (headers.MaxForwardsLine < 0)
        {
            return -1;
        }

        // The head lies in it: nothing was committed yet.
        var value = headers.Lines[headers.MaxForwardsLine].Value(call.Client.In!.Filled);
        return Utf8Parser.TryParse(value, out int left, out var used) && used == value.Length && left >= 0 ? left : -1;
    }
}
