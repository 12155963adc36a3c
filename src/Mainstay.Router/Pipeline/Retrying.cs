using Mainstay.Router.Http1;

namespace Mainstay.Router.Pipeline;

/// <summary>
/// May a failed try be followed by another? Always within the number of tries, the time of the call and the service's
/// budget; and only where a second try cannot do a thing twice (RFC 9110 section 9.2.2).
/// </summary>
internal static class Retrying
{
    /// <summary>
    /// Doing it twice is as doing it once: by its method, or by the key that its caller has given it.
    /// </summary>
    public static bool IsRepeatable(RequestHead head) =>
        head.Method is Method.Get or Method.Head or Method.Put or Method.Delete or Method.Options ||
        head.Headers.HasIdempotencyKey;

    /// <summary>Nothing was sent: any request may go elsewhere.</summary>
    public static bool AfterConnectFailure(Call call) => HasAnother(call);

    /// <summary>
    /// The endpoint closed before a byte of its answer. If the connection had been idle it was probably just tired of
    /// it, which says nothing against the endpoint and costs nothing of the budget; but nobody can tell from here, so a
    /// request that must not be done twice is not sent twice.
    /// </summary>
    public static bool AfterClose(Call call) =>
        call.InterimCount == 0 && CanReplay(call) && HasAnother(call, isFree: call.Upstream is { IsReused: true });

    public static bool AfterTimeout(Call call) =>
        call.InterimCount == 0 && CanReplay(call) && HasAnother(call);

    private static bool CanReplay(Call call) =>
        !call.IsCommitted && call.RequestBody.IsDone && call.Upstream?.In is null or { IsEmpty: true } &&
        IsRepeatable(call.Head);

    private static bool HasAnother(Call call, bool isFree = false)
    {
        var now = call.Loop.Events.NowMicros;
        return call.Tries < Limits.TriesMax &&
            now - call.StartedMicros < call.Loop.Settings.TotalMicros &&
            (isFree || call.Port!.Budget.TrySpend(now)); // A call with a try has a port.
    }
}
