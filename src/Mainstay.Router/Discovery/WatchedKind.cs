namespace Mainstay.Router.Discovery;

/// <summary>A kind of object that routers watch, and that a heartbeat is written in.</summary>
/// <param name="Kind">Service, EndpointSlice or Endpoints</param>
/// <param name="ApiVersion">of that kind</param>
/// <param name="Path">of the collection in all namespaces</param>
internal sealed record WatchedKind(string Kind, string ApiVersion, string Path)
{
    public const string DiscoveryGroup = "discovery.k8s.io";

    public static readonly WatchedKind Services = new("Service", "v1", "/api/v1/services");

    public static readonly WatchedKind Endpoints = new("Endpoints", "v1", "/api/v1/endpoints");

    public bool IsSlices => Kind == "EndpointSlice";

    /// <summary>The word for several of them, such as Services.</summary>
    public string Plural => Kind.EndsWith('s') ? Kind : $"{Kind}s";

    public static WatchedKind Slices(string version) => new(
        "EndpointSlice", $"{DiscoveryGroup}/{version}", $"/apis/{DiscoveryGroup}/{version}/endpointslices");

    /// <summary>The path of the collection in one namespace.</summary>
    public string PathIn(string ns)
    {
        var slash = Path.LastIndexOf('/');
        return $"{Path[..slash]}/namespaces/{ns}{Path[slash..]}";
    }
}
