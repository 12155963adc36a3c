using System.Collections.Immutable;

namespace Mainstay.ApiServer.Http;

/// <summary>
/// What a request asks for, read from its method and path alone:
/// <code>
/// GET /apis/apps/v1/namespaces/bank/deployments/payments/scale
///   -> verb get, group apps, version v1, namespace bank, resource deployments, name payments, subresource scale
/// GET /api/v1/namespaces/bank      -> verb get, resource namespaces, name bank
/// GET /readyz/etcd                 -> no resource, segments readyz, etcd
/// </code>
/// </summary>
internal sealed record RequestInfo
{
    public required string Method { get; init; }

    /// <summary>The decoded segments of the path.</summary>
    public required ImmutableArray<string> Segments { get; init; }

    /// <summary>
    /// get, list, watch, create, update, patch, delete or deletecollection; the method in lower case otherwise.
    /// </summary>
    public required string Verb { get; init; }

    public bool IsResource => Resource.Length > 0;

    public string Group { get; init; } = "";

    public string Version { get; init; } = "";

    public string Namespace { get; init; } = "";

    public string Resource { get; init; } = "";

    public string Name { get; init; } = "";

    public string Subresource { get; init; } = "";

    /// <summary>Whether the path itself names a namespace, as <c>/namespaces/bank/pods</c> does.</summary>
    public bool InNamespace { get; init; }

    /// <param name="method">the HTTP method</param>
    /// <param name="path">the path, still percent-encoded</param>
    /// <param name="watch">whether the query asks for a watch</param>
    public static RequestInfo Parse(string method, string path, bool watch)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Select(Uri.UnescapeDataString).ToImmutableArray();
        var plain = new RequestInfo { Method = method, Segments = segments, Verb = PlainVerb(method) };
        return segments switch
        {
            ["api", var version, .. var rest] => ParseResource(plain with { Version = version }, rest, watch),
            ["apis", var group, var version, .. var rest] =>
                ParseResource(plain with { Group = group, Version = version }, rest, watch),
            _ => plain,
        };
    }

    private static RequestInfo ParseResource(RequestInfo info, ImmutableArray<string> rest, bool watch)
    {
        if (rest is ["watch", .. var watched])
        {
            // the old spelling of a watch, which some clients still write
            rest = watched;
            watch = true;
        }

        if (rest.Length == 0)
        {
            return info;
        }

        // /namespaces/NAME and its subresources speak of the namespace itself
        var read = rest switch
        {
            ["namespaces", var ns, "status" or "finalize"] =>
                info with { Resource = "namespaces", Name = ns, Namespace = ns, Subresource = rest[2] },
            ["namespaces", var ns, var resource, .. var tail] => WithTail(
                info with { Namespace = ns, InNamespace = true, Resource = resource }, tail),
            [var resource, .. var tail] => WithTail(info with { Resource = resource }, tail),
            _ => info,
        };
        return read with { Verb = ResourceVerb(read, watch) };
    }

    private static RequestInfo WithTail(RequestInfo info, ImmutableArray<string> tail) => tail switch
    {
        [] => info,
        [var name] => info with { Name = name },
        [var name, .. var subresource] => info with { Name = name, Subresource = string.Join('/', subresource) },
    };

    private static string ResourceVerb(RequestInfo info, bool watch) => info.Method switch
    {
        "GET" or "HEAD" when info.Name.Length > 0 => "get",
        "GET" or "HEAD" => watch ? "watch" : "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => info.Name.Length > 0 ? "delete" : "deletecollection",
        _ => PlainVerb(info.Method),
    };

    // Methods are few and known; anything else is one label value, so that a client cannot invent metric series.
    private static string PlainVerb(string method) => method switch
    {
        "GET" or "HEAD" => "get",
        "POST" => "post",
        "PUT" => "put",
        "PATCH" => "patch",
        "DELETE" => "delete",
        _ => "other",
    };
}
