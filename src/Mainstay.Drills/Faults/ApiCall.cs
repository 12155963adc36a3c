namespace Mainstay.Drills.Faults;

/// <summary>What a call asks of a Kubernetes API server.</summary>
public enum ApiVerb
{
    /// <summary>A single object, a version list, a health check, a write: everything else.</summary>
    Other,

    /// <summary>GET of a collection.</summary>
    List,

    /// <summary>GET of a collection with <c>watch</c>.</summary>
    Watch,
}

/// <summary>
/// One call to an API server, as its address tells:
/// <code>
///     /apis/discovery.k8s.io/v1/namespaces/bank/endpointslices?watch=true   Watch, endpointslices, bank
///     /api/v1/endpoints?resourceVersion=0                                   List,  endpoints
///     /api/v1/namespaces/bank/pods/payments-x                               Other, pods, bank
/// </code>
/// </summary>
/// <param name="Resource">the plural; empty where the path names none</param>
/// <param name="Namespace">null for all namespaces and for kinds without</param>
/// <param name="Path">the path, without the query</param>
/// <param name="UserAgent">as the client says; empty where it does not</param>
public sealed record ApiCall(ApiVerb Verb, string Resource, string? Namespace, string Path, string UserAgent)
{
    /// <param name="method">GET, POST, ...</param>
    /// <param name="path">the path, without the query</param>
    /// <param name="watches">whether the query asks for a watch</param>
    /// <param name="userAgent">as the client says</param>
    public static ApiCall Of(string method, string path, bool watches, string userAgent)
    {
        var words = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var rest = words switch
        {
            ["api", _, .. var core] => core,
            ["apis", _, _, .. var group] => group,
            _ => [],
        };
        string? space = null;
        if (rest is ["namespaces", var name, _, ..])
        {
            space = name;
            rest = rest[2..];
        }

        var verb = method != "GET" || rest.Length != 1 ? ApiVerb.Other : watches ? ApiVerb.Watch : ApiVerb.List;
        return new ApiCall(verb, rest.Length > 0 ? rest[0] : "", space, path, userAgent);
    }
}
