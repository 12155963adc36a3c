using System.Text.Json;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kube;

namespace Mainstay.Restarts;

/// <summary>What can go wrong with an API server without a bug of ours.</summary>
internal static class ApiFaults
{
    public static bool IsOfTheWorld(Exception fault) => fault is HttpRequestException or KubeStatusException
        or TimeoutException or IOException or JsonException or MalformedObjectException;

    public static ActionException Told(Exception fault) => new($"the API server: {fault.Message}");
}
