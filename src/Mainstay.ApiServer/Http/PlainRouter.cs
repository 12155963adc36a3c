using Mainstay.ApiServer.Auth;
using Mainstay.ApiServer.Observation;
using Microsoft.AspNetCore.Http;

namespace Mainstay.ApiServer.Http;

/// <summary>Everything that is no resource: discovery, OpenAPI, health, version, what the user may do.</summary>
internal sealed class PlainRouter(Discovery discovery, HealthEndpoint health, SelfReport report)
{
    public async Task AnswerAsync(HttpContext http, RequestInfo info, ApiUser user)
    {
        if (AccessReviewEndpoint.Applies(info))
        {
            await AccessReviewEndpoint.AnswerAsync(http, info, user);
            return;
        }

        if (!HttpMethods.IsGet(info.Method) && !HttpMethods.IsHead(info.Method))
        {
            throw new RefusedException(
                info.Segments.Length == 0 ? KubeStatus.MethodNotAllowed() : KubeStatus.NoSuchPath());
        }

        switch (info.Segments)
        {
            case ["version"]:
                await ObjectResponse.WriteTreeAsync(http, StatusCodes.Status200OK, ServerVersion.ToTree());
                return;
            case ["livez" or "readyz" or "healthz", ..]:
                await health.AnswerAsync(http, info);
                return;
            case ["signals.json"]:
                await report.AnswerSignalsAsync(http);
                return;
            case ["mainstay", "store.json"]:
                await report.AnswerStoreAsync(http);
                return;
            case ["openapi", ..]:
                await OpenApiEndpoint.AnswerAsync(http, info);
                return;
            case []:
                await ObjectResponse.WriteTreeAsync(http, StatusCodes.Status200OK, ServerVersion.Paths());
                return;
        }

        if (!await discovery.TryAnswerAsync(http, info))
        {
            throw new RefusedException(KubeStatus.NoSuchPath());
        }
    }
}
