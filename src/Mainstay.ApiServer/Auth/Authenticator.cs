using System.Net;
using Mainstay.ApiServer.Http;

namespace Mainstay.ApiServer.Auth;

/// <summary>
/// Who may ask: whoever has a token may do all, anybody may ask whether the server lives and what version it is, and
/// whoever is on this machine may read the metrics. A wrong token is refused even where none is needed.
/// </summary>
internal sealed class Authenticator(TokenFile tokens)
{
    private const string BearerPrefix = "Bearer ";

    public ApiUser Authenticate(string? authorization, RequestInfo info, IPAddress? remote)
    {
        if (!string.IsNullOrEmpty(authorization))
        {
            return Find(authorization) ?? throw new RefusedException(KubeStatus.Unauthorized());
        }

        return OpenToAnyone(info, remote)
            ? ApiUser.Anonymous
            : throw new RefusedException(KubeStatus.Unauthorized());
    }

    private ApiUser? Find(string authorization) =>
        authorization.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase)
            ? tokens.Find(authorization[BearerPrefix.Length..].Trim())
            : null;

    private static bool OpenToAnyone(RequestInfo info, IPAddress? remote) => info.Segments switch
    {
        ["livez" or "readyz" or "healthz", ..] => true,
        ["version"] => true,
        ["metrics"] => remote is not null && IPAddress.IsLoopback(remote),
        _ => false,
    };
}
