using Mainstay.Router.Balancing;

namespace Mainstay.Router.Pipeline;

/// <summary>
/// What of a call's state has to do with its service's fallback. Example:
///     PassedBy (at the fallback, which answers 503) -> IsTurnedDown, IsJudged (at the service, as a probe)
/// Written by <see cref="Fallbacks"/>, and by the call where it is sent on.
/// </summary>
internal struct Detour
{
    /// <summary>The service's fallback, while it has the call; the call's port is then the fallback's.</summary>
    public ServiceFallback? Fallback;

    /// <summary>
    /// The service's own port, while the fallback has a call that the service has not seen: the way back.
    /// </summary>
    public PortState? PassedBy;

    /// <summary>The fallback did not take this call, and the service has it.</summary>
    public bool IsTurnedDown;

    /// <summary>What comes of this call tells whether the service is well.</summary>
    public bool IsJudged;
}
