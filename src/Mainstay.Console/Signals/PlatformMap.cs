using System.Collections.Immutable;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Signals;

/// <summary>What a part of the platform is; decides how it is asked and what its silence means.</summary>
public enum PartKind
{
    /// <summary>A member of the store. It is asked for its health only; what it knows, its API servers say.</summary>
    Store,

    /// <summary>An API server, asked with credentials.</summary>
    Api,

    Controllers,

    Agent,

    Router,

    Console,
}

/// <summary>One process of the platform and where it is asked.</summary>
/// <param name="Kind">what it is</param>
/// <param name="Instance">the node, the member or the address; empty where there is only one</param>
/// <param name="Address">of its HTTP port, without a path</param>
public sealed record PlatformPart(PartKind Kind, string Instance, Uri Address)
{
    /// <summary>
    /// Its name in signals: <c>router/node-1</c>, <c>api/https://10.0.0.1:6443</c>, <c>controllers</c>.
    /// </summary>
    public string Subject => Instance.Length == 0 ? Word : $"{Word}/{Instance}";

    /// <summary>Its kind as a word: <c>router</c>.</summary>
    public string Word => WordOf(Kind);

    public static string WordOf(PartKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>An API server; its instance is its address, without a slash at the end.</summary>
    public static PlatformPart Api(Uri server) => new(PartKind.Api, server.ToString().TrimEnd('/'), server);
}

/// <summary>
/// All parts of one platform: the one input that says where signals are collected. It is made anew whenever something
/// of it changes; parts that are no longer in it are forgotten.
/// </summary>
public sealed record PlatformMap
{
    public ImmutableArray<PlatformPart> Parts { get; init; } = [];

    /// <summary>The way to the API servers; null asks them without credentials, over HTTP only.</summary>
    public Kubeconfig? Credentials { get; init; }

    /// <summary>
    /// Age of each node's Lease by our own clock, where it was seen; a node that is missing has no known age.
    /// </summary>
    public ImmutableDictionary<string, TimeSpan> LeaseAges { get; init; } =
        ImmutableDictionary<string, TimeSpan>.Empty;

    public int Count(PartKind kind) => Parts.Count(part => part.Kind == kind);

    /// <summary>The map with the API servers of a kubeconfig in it.</summary>
    public PlatformMap With(Kubeconfig credentials) => this with
    {
        Credentials = credentials,
        Parts =
        [
            .. Parts.Where(part => part.Kind != PartKind.Api), .. credentials.Servers.Select(PlatformPart.Api),
        ],
    };
}
