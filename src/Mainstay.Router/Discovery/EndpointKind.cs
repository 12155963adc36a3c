using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kernel;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>Which kind the endpoints are read from: what this API server has, or what a person asked for.</summary>
internal static class EndpointKind
{
    private static readonly ImmutableArray<string> SliceVersions = ["v1", "v1beta1"];

    /// <summary>Asked until it is known: slices in v1, or in v1beta1 before Kubernetes 1.21, else Endpoints.</summary>
    /// <param name="wanted">auto, endpointslices or endpoints</param>
    /// <param name="world">where to ask</param>
    /// <param name="cancellationToken">ends the asking</param>
    /// <returns>null when cancelled</returns>
    public static async Task<WatchedKind?> FindAsync(
        string wanted, ReflectorWorld world, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(new BackoffOptions(
            TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5), 2, 0.5), world.Random);
        while (wanted != "endpoints" && !cancellationToken.IsCancellationRequested)
        {
            var server = world.Http.Server;
            try
            {
                using var group = await world.Http.GetAsync($"/apis/{WatchedKind.DiscoveryGroup}", cancellationToken);
                return Choose(wanted, group.RootElement);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return null;
            }
            catch (KubeStatusException answer) when (answer.IsNotFound && wanted == "auto")
            {
                return WatchedKind.Endpoints;
            }
            catch (Exception fault) when (fault is not InvariantException)
            {
                // The services' reflector asks the same server at the same time and reports what is wrong with it.
                world.Http.Leave(server);
            }

            await Task.Delay(backoff.Next(), world.Time, cancellationToken)
                .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        return cancellationToken.IsCancellationRequested ? null : WatchedKind.Endpoints;
    }

    private static WatchedKind Choose(string wanted, JsonElement group)
    {
        var served = group.Items("versions").Select(version => version.Text("version")).ToArray();
        var version = SliceVersions.FirstOrDefault(served.Contains);
        return version is not null ? WatchedKind.Slices(version)
            : wanted == "auto" ? WatchedKind.Endpoints
            : WatchedKind.Slices("v1");
    }
}
