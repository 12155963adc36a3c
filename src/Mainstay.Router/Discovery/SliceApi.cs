using Mainstay.Kernel;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>
/// Where this API server has EndpointSlices: in v1, or, before Kubernetes 1.21, in v1beta1. Asked until it answers.
/// </summary>
internal static class SliceApi
{
    private const string Group = "/apis/discovery.k8s.io";

    /// <returns>the path of the collection, or null when cancelled</returns>
    public static async Task<string?> FindAsync(ReflectorWorld world, CancellationToken cancellationToken)
    {
        var options = new BackoffOptions(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5), 2, 0.5);
        var backoff = new Backoff(options, world.Random);
        while (!cancellationToken.IsCancellationRequested)
        {
            var server = world.Http.Server;
            try
            {
                using var group = await world.Http.GetAsync(Group, cancellationToken);
                var versions = group.RootElement.Items("versions").Select(version => version.Text("version")).ToArray();
                var version = versions.Contains("v1") || !versions.Contains("v1beta1") ? "v1" : "v1beta1";
                return $"{Group}/{version}/endpointslices";
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return null;
            }
            catch (Exception fault) when (fault is not InvariantException)
            {
                // The services' reflector asks the same server at the same time and reports what is wrong with it.
                world.Http.Leave(server);
            }

            await Task.Delay(backoff.Next(), world.Time, cancellationToken)
                .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        return null;
    }
}
