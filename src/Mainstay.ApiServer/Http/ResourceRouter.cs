using Mainstay.ApiServer.Admission;

namespace Mainstay.ApiServer.Http;

/// <summary>From verb and subresource to what answers: the list of everything a resource can be asked.</summary>
internal sealed class ResourceRouter(
    ReadEndpoint reading, WatchEndpoint watching, WriteEndpoint writing, DeleteEndpoint deletion, PodEndpoint pods)
{
    public Task AnswerAsync(ApiRequest request)
    {
        Negotiation.Shape(request.Http.Request.Headers.Accept); // what cannot be answered is not done either
        var type = request.Type;
        var hasName = request.Info.Name.Length > 0;
        return (request.Info.Subresource, request.Info.Verb) switch
        {
            ("", "get") => reading.GetAsync(request),
            ("", "list") => reading.ListAsync(request),
            ("", "watch") => watching.WatchAsync(request),
            ("", "create") when !hasName && HasPlace(request) => writing.CreateAsync(request),
            ("", "update") when hasName => writing.UpdateAsync(request, UpdatePart.Main),
            ("", "patch") when hasName => writing.PatchAsync(request, UpdatePart.Main),
            ("", "delete") => deletion.DeleteAsync(request),
            ("", "deletecollection") => deletion.DeleteCollectionAsync(request),
            ("status", "get") when type.HasStatus => reading.GetAsync(request),
            ("status", "update") when type.HasStatus => writing.UpdateAsync(request, UpdatePart.Status),
            ("status", "patch") when type.HasStatus => writing.PatchAsync(request, UpdatePart.Status),
            ("scale", "get") when type.HasScale => GetScaleAsync(request),
            ("scale", "update") when type.HasScale => writing.UpdateScaleAsync(request),
            ("scale", "patch") when type.HasScale => writing.PatchScaleAsync(request),
            ("finalize", "update") when type.Kind == "Namespace" => writing.FinalizeAsync(request),
            ("log", "get") when type.Kind == "Pod" => pods.LogAsync(request),
            ("binding", "create") when type.Kind == "Pod" => pods.BindAsync(request),
            ("eviction", "create") when type.Kind == "Pod" => pods.EvictAsync(request),
            _ => throw new RefusedException(
                IsSubresource(request)
                    ? KubeStatus.MethodNotAllowed()
                    : KubeStatus.NoSuchPath()),
        };
    }

    private async Task GetScaleAsync(ApiRequest request) =>
        await WriteEndpoint.GetScaleAsync(request, await reading.ReadAsync(request));

    // an object of a namespace is created in its namespace, not across them
    private static bool HasPlace(ApiRequest request) => !request.Type.IsNamespaced || request.Info.InNamespace;

    private static bool IsSubresource(ApiRequest request) => request.Info.Subresource switch
    {
        "" => true,
        "status" => request.Type.HasStatus,
        "scale" => request.Type.HasScale,
        "finalize" => request.Type.Kind == "Namespace",
        "log" or "binding" or "eviction" => request.Type.Kind == "Pod",
        _ => false,
    };
}
