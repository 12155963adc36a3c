namespace Mainstay.Router.Pipeline;

/// <summary>Why the router answers itself. The words are a contract: docs/router.md lists them.</summary>
internal enum Reason
{
    BadRequest,
    RequestTimeout,
    EgressRefused,
    TraceRefused,
    FinalRecipient,
    Loop,
    UnknownService,
    UnknownPort,
    NoEndpoints,
    ConnectFailed,
    UpstreamClosed,
    BadResponse,
    Timeout,
}
