using System.Text.Json;
using Mainstay.Kube;
using Mainstay.Restarts;

namespace Mainstay.Members;

/// <summary>
/// Asks each API server for its own view of the store: whether its client has taken up a change. A server that does not
/// answer has followed nothing.
/// </summary>
internal sealed class ClientsFollowed(LocalPlatform platform)
{
    private readonly List<(string Url, KubeHttp Api)> _servers =
        [.. platform.Record.ApiServers.Select(url => (url, platform.Api(new Uri(url))))];

    /// <returns>what is wrong with each that has not followed; empty when all have</returns>
    public async Task<IReadOnlyList<string>> LaggingAsync(
        IReadOnlyCollection<string> wanted, IReadOnlyCollection<string> gone, CancellationToken cancellationToken)
    {
        var all = await Task.WhenAll(_servers.Select(async server =>
        {
            var answer = await LocalPlatform.AskAsync(server.Api, "/mainstay/store.json", cancellationToken);
            var fault = answer.Succeeded ? Fault(answer.Body, wanted, gone) : $"tells nothing: {answer.Why}";
            return fault.Length == 0 ? "" : $"api/{server.Url} {fault}";
        }));
        return [.. all.Where(fault => fault.Length > 0)];
    }

    /// <param name="store">the JSON of <c>/mainstay/store.json</c></param>
    /// <param name="wanted">client URLs of every member</param>
    /// <param name="gone">client URLs that no call may go to</param>
    internal static string Fault(
        ReadOnlyMemory<byte> store, IReadOnlyCollection<string> wanted, IReadOnlyCollection<string> gone)
    {
        try
        {
            using var document = JsonDocument.Parse(store);
            var root = document.RootElement;
            var known = root.GetProperty("endpoints").EnumerateArray().Select(url => url.GetString()).ToHashSet();
            var current = root.GetProperty("currentEndpoint").GetString() ?? "";
            var listed = root.GetProperty("members").EnumerateArray()
                .SelectMany(member => member.GetProperty("clientUrls").EnumerateArray())
                .Select(url => url.GetString()).ToHashSet();
            var missing = wanted.Where(url => !known.Contains(url) || !listed.Contains(url)).ToList();
            var kept = gone.Where(listed.Contains).ToList();
            return (missing, kept) switch
            {
                ({ Count: > 0 }, _) => $"does not know {string.Join(", ", missing)} yet",
                (_, { Count: > 0 }) => $"still counts {string.Join(", ", kept)} as a member",
                _ => gone.Contains(current) ? $"still talks to {current}" : "",
            };
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"tells nothing of its store: {fault.Message}";
        }
    }
}
