namespace Mainstay.Router.Pipeline;

/// <summary>What a step of a call comes to.</summary>
internal enum Step : byte
{
    /// <summary>Nothing to do until an event.</summary>
    Waits,

    /// <summary>Something was done: look again.</summary>
    Moves,

    /// <summary>The whole answer has gone to the caller.</summary>
    Over,

    /// <summary>The caller is gone, or has broken off its request.</summary>
    CallerGone,

    /// <summary>The request's body makes no sense.</summary>
    BadRequest,

    /// <summary>The endpoint closed or broke the connection before its answer was whole.</summary>
    UpstreamClosed,

    /// <summary>The endpoint's answer makes no sense.</summary>
    BadResponse,

    /// <summary>
    /// The endpoint has answered that it failed, and another can have the call: the service's fallback, or from there
    /// the service.
    /// </summary>
    Failover,

    /// <summary>Both sides have agreed to leave HTTP (101).</summary>
    Switched,
}
