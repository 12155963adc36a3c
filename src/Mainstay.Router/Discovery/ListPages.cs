using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>Reads a whole collection by quorum (without a resourceVersion), in pages.</summary>
internal static class ListPages
{
    /// <param name="http">where to ask</param>
    /// <param name="list">what, and of which server</param>
    /// <param name="take">gets each item, which is valid during the call only</param>
    /// <param name="cancellationToken">ends the reading</param>
    /// <returns>the revision of the list</returns>
    public static Task<string> ReadAsync(
        KubeHttp http, ListRequest list, Action<JsonElement> take, CancellationToken cancellationToken) =>
        ReadAsync(
            list.Kind.Path,
            path => http.AnswerAsync(
                new KubeRequest(HttpMethod.Get, path) { Server = list.Server, Timeout = list.PageDeadline },
                cancellationToken),
            take);

    /// <param name="path">of the collection, with selectors or without</param>
    /// <param name="get">answers for the path of a page</param>
    /// <param name="take">gets each item, which is valid during the call only</param>
    /// <returns>the revision of the list</returns>
    public static async Task<string> ReadAsync(
        string path, Func<string, Task<JsonDocument>> get, Action<JsonElement> take)
    {
        var first = $"{path}{(path.Contains('?') ? '&' : '?')}limit={Kube.Limits.ListPageObjects}";
        var continueFrom = "";
        while (true)
        {
            var from = continueFrom.Length == 0 ? "" : $"&continue={Uri.EscapeDataString(continueFrom)}";
            using var page = await get(first + from);
            foreach (var item in page.RootElement.Items("items"))
            {
                take(item);
            }

            var metadata = page.RootElement.Child("metadata");
            continueFrom = metadata?.Text("continue") ?? "";
            if (continueFrom.Length == 0)
            {
                return metadata?.Text("resourceVersion") ?? "";
            }
        }
    }
}

/// <param name="Kind">what is listed</param>
/// <param name="Server">by whom; null for the server in use</param>
internal sealed record ListRequest(WatchedKind Kind, Uri? Server = null)
{
    /// <summary>For each page; null takes the deadline of the connection.</summary>
    public TimeSpan? PageDeadline { get; init; }
}
