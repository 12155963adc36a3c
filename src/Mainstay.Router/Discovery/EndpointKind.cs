using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kernel;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>Which kind the endpoints are read from: what this API server has, or what a person asked for.</summary>
/// <param name="Kind">EndpointSlice or Endpoints</param>
/// <param name="ApiVersion">of that kind</param>
/// <param name="Path">of the collection in all namespaces</param>
internal sealed record EndpointKind(string Kind, string ApiVersion, string Path)
{
    private const string Group = "discovery.k8s.io";

    public static readonly EndpointKind Endpoints = new("Endpoints", "v1", "/api/v1/endpoints");

    private static readonly ImmutableArray<string> SliceVersions = ["v1", "v1beta1"];

    public bool IsSlices => Kind == "EndpointSlice";

    public static EndpointKind Slices(string version) =>
        new("EndpointSlice", $"{Group}/{version}", $"/apis/{Group}/{version}/endpointslices");

    /// <summary>The path of the collection in one namespace.</summary>
    public string PathIn(string ns)
    {
        var slash = Path.LastIndexOf('/');
        return $"{Path[..slash]}/namespaces/{ns}{Path[slash..]}";
    }

    /// <summary>Asked until it is known: slices in v1, or in v1beta1 before Kubernetes 1.21, else Endpoints.</summary>
    /// <param name="wanted">auto, endpointslices or endpoints</param>
    /// <param name="world">where to ask</param>
    /// <param name="cancellationToken">ends the asking</param>
    /// <returns>null when cancelled</returns>
    public static async Task<EndpointKind?> FindAsync(
        string wanted, ReflectorWorld world, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(new BackoffOptions(
            TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5), 2, 0.5), world.Random);
        while (wanted != "endpoints" && !cancellationToken.IsCancellationRequested)
        {
            var server = world.Http.Server;
            try
            {
                using var group = await world.Http.GetAsync($"/apis/{Group}", cancellationToken);
                return Choose(wanted, group.RootElement);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return null;
            }
            catch (KubeStatusException answer) when (answer.IsNotFound && wanted == "auto")
            {
                return Endpoints;
            }
            catch (Exception fault) when (fault is not InvariantException)
            {
                // The services' reflector asks the same server at the same time and reports what is wrong with it.
                world.Http.Leave(server);
            }

            await Task.Delay(backoff.Next(), world.Time, cancellationToken)
                .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        return cancellationToken.IsCancellationRequested ? null : Endpoints;
    }

    private static EndpointKind Choose(string wanted, JsonElement group)
    {
        var served = group.Items("versions").Select(version => version.Text("version")).ToArray();
        var version = SliceVersions.FirstOrDefault(served.Contains);
        return version is not null ? Slices(version) : wanted == "auto" ? Endpoints : Slices("v1");
    }
}
