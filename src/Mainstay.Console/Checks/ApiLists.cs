using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Checks;

/// <summary>Lists kinds, by quorum, from the first API server of a platform that answers.</summary>
public sealed class ApiLists(PlatformMap map, TimeProvider time)
{
    /// <returns>one list for each kind, in their order; each with the reason where no server gave it</returns>
    public async Task<ImmutableArray<ObjectList>> ListAsync(
        IReadOnlyList<ListedKind> kinds, CancellationToken cancellationToken)
    {
        var why = "no API server is known";
        foreach (var part in map.Parts.Where(part => part.Kind == PartKind.Api))
        {
            try
            {
                using var api = Open(part.Address);
                using var ready = await api.OpenAsync(new KubeRequest(HttpMethod.Get, "/livez"), cancellationToken);
                return [.. await Task.WhenAll(kinds.Select(kind => ListAsync(api, kind, cancellationToken)))];
            }
            catch (Exception fault) when (IsOfTheWorld(fault, cancellationToken))
            {
                why = $"{part.Subject}: {fault.GetBaseException().Message}";
            }
        }

        return [.. kinds.Select(kind => ObjectList.Failed(kind, why))];
    }

    private static async Task<ObjectList> ListAsync(
        KubeHttp api, ListedKind kind, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await api.GetAsync(kind.Path, cancellationToken);
            return new ObjectList(kind, [.. answer.RootElement.Items("items").Select(item => item.Clone())], "");
        }
        catch (Exception fault) when (IsOfTheWorld(fault, cancellationToken))
        {
            return ObjectList.Failed(kind, fault.GetBaseException().Message);
        }
    }

    private static bool IsOfTheWorld(Exception fault, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && fault is HttpRequestException or TimeoutException or IOException
            or KubeStatusException or JsonException or MalformedObjectException;

    private KubeHttp Open(Uri server) => KubeHttp.Create(
        (map.Credentials ?? new Kubeconfig { Servers = [server] }) with { Servers = [server] },
        new KubeHttpOptions
        {
            ConnectTimeout = Limits.CheckConnectDeadline,
            RequestTimeout = Limits.CheckDeadline,
            HeadersTimeout = Limits.LookDeadline,
            UserAgent = "mainstay",
            Time = time,
        });
}
