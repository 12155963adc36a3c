using System.Net.Sockets;
using System.Text.Json;
using Mainstay.Kernel;
using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.Controllers.Core;

/// <summary>
/// Which kinds the API server serves. A cache of a kind that is not served would never be read, and nothing acts before
/// every cache is: so such a kind is left out, by name, in the log.
/// </summary>
internal sealed class ServedKinds(KubeHttp http, LoopWorld world)
{
    private static readonly BackoffOptions Patience = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2));

    /// <summary>Asks until the server answers.</summary>
    public async Task<HashSet<KubeKind>> FindAsync(IEnumerable<KubeKind> kinds, CancellationToken cancellationToken)
    {
        var served = new HashSet<KubeKind>();
        foreach (var group in kinds.GroupBy(k => k.Root))
        {
            var names = await AskAsync(group.Key, cancellationToken);
            foreach (var kind in group)
            {
                if (names.Contains(kind.Plural))
                {
                    served.Add(kind);
                }
                else
                {
                    world.Log.NotServed($"{kind.ApiVersion} {kind.Kind}");
                }
            }
        }
        return served;
    }

    private async Task<HashSet<string>> AskAsync(string root, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(Patience, world.Random);
        while (true)
        {
            try
            {
                using var list = await http.GetAsync(root, cancellationToken);
                return [.. list.RootElement.Items("resources").Select(r => r.Text("name"))];
            }
            catch (KubeStatusException fault) when (fault.IsNotFound)
            {
                return [];
            }
            catch (Exception fault) when (fault is KubeStatusException or HttpRequestException or IOException
                or TimeoutException or JsonException or SocketException or MalformedObjectException)
            {
                var delay = backoff.Next();
                if (backoff.Failures % 10 == 1)
                {
                    world.Log.NotReachable(fault.Message, delay);
                }
                await Task.Delay(delay, world.Time, cancellationToken);
            }
        }
    }
}
