using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Auth;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Storage;
using Microsoft.AspNetCore.Http;

namespace Mainstay.ApiServer.Http;

/// <summary>
/// SelfSubjectAccessReview and SelfSubjectReview (<c>kubectl auth can-i</c>, <c>auth whoami</c>): whoever has a token
/// may
/// do all, and is told so. Nothing is stored.
/// </summary>
internal static class AccessReviewEndpoint
{
    public static bool Applies(RequestInfo info) => info is
    {
        Method: "POST",
        Version: "v1",
        Group: "authorization.k8s.io" or "authentication.k8s.io",
        Resource: "selfsubjectaccessreviews" or "selfsubjectreviews",
    };

    public static async Task AnswerAsync(HttpContext http, RequestInfo info, ApiUser user)
    {
        try
        {
            // whatever a review asks, the answer is the same: one in protobuf need not be read
            var review = RequestBody.MediaType(http.Request) == ProtobufBody.MediaType
                ? new JsonObject { ["apiVersion"] = $"{info.Group}/{info.Version}", ["kind"] = KindOf(info) }
                : JsonTree.Parse(await RequestBody.ReadJsonAsync(http.Request, http.RequestAborted));
            review["status"] = review.TextAt("kind") == "SelfSubjectReview"
                ? new JsonObject { ["userInfo"] = UserInfo(user) }
                : new JsonObject { ["allowed"] = true, ["reason"] = "every user with a token may do all" };
            await ObjectResponse.WriteTreeAsync(http, StatusCodes.Status201Created, review);
        }
        catch (JsonException e)
        {
            throw new RefusedException(KubeStatus.BadRequest($"the review is not JSON: {e.Message}"));
        }
    }

    private static string KindOf(RequestInfo info) =>
        info.Resource == "selfsubjectreviews" ? "SelfSubjectReview" : "SelfSubjectAccessReview";

    private static JsonObject UserInfo(ApiUser user) => new()
    {
        ["username"] = user.Name,
        ["uid"] = user.Uid,
        ["groups"] = new JsonArray([.. user.Groups.Select(group => JsonValue.Create(group))]),
    };
}
