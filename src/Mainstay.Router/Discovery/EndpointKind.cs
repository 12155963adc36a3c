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
        while (!cancellationToken.IsCancellationRequested)
        {
            var server = world.Http.Server;
            if (await AskAsync(wanted, world.Http, cancellationToken) is { } kind)
            {
                return kind;
            }

            // The services' reflector asks the same server at the same time and reports what is wrong with it.
            world.Http.Leave(server);
            await Task.Delay(backoff.Next(), world.Time, cancellationToken)
                .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        return null;
    }

    /// <summary>Asks once.</summary>
    /// <returns>null where nobody could tell</returns>
    public static async Task<WatchedKind?> AskAsync(
        string wanted, KubeHttp http, CancellationToken cancellationToken)
    {
        var server = http.Server;
        try
        {
            return await ReadAsync(wanted, path => http.AnswerAsync(
                new KubeRequest(HttpMethod.Get, path) { Server = server }, cancellationToken));
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            return null;
        }
    }

    /// <summary>
    /// That slices are not served says a Status with the reason NotFound, or a list of groups without theirs (an API
    /// server of Kubernetes answers for a group that it does not have in plain text). Any other 404 may be of somebody
    /// in between.
    /// </summary>
    /// <param name="wanted">auto, endpointslices or endpoints</param>
    /// <param name="get">answers for a path of one API server</param>
    /// <exception cref="KubeStatusException">also where a 404 tells nothing</exception>
    public static async Task<WatchedKind> ReadAsync(string wanted, Func<string, Task<JsonDocument>> get)
    {
        if (wanted == "endpoints")
        {
            return WatchedKind.Endpoints;
        }

        try
        {
            using var group = await get($"/apis/{WatchedKind.DiscoveryGroup}");
            return Choose(wanted, group.RootElement);
        }
        catch (KubeStatusException answer) when (answer.IsNotFound && wanted == "auto")
        {
            if (answer.Reason != "NotFound" && !await LacksSlicesAsync(get))
            {
                throw;
            }

            return WatchedKind.Endpoints;
        }
    }

    private static async Task<bool> LacksSlicesAsync(Func<string, Task<JsonDocument>> get)
    {
        using var list = await get("/apis");
        return list.RootElement.Field("groups") is { ValueKind: JsonValueKind.Array } &&
            list.RootElement.Items("groups").All(one => one.Text("name") != WatchedKind.DiscoveryGroup);
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
