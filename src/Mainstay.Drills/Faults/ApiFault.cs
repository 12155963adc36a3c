namespace Mainstay.Drills.Faults;

/// <summary>What happens to a call that a fault is meant for.</summary>
public abstract record ApiEffect
{
    private ApiEffect()
    {
    }

    /// <summary>
    /// A watch stays open, its headers come, and nothing else arrives; events wait and come once the fault is lifted.
    /// Any other call gets no answer until then.
    /// </summary>
    public sealed record Mute : ApiEffect;

    /// <summary>The connection is cut (a stream reset where it is HTTP/2). Nothing is answered.</summary>
    public sealed record Refuse : ApiEffect;

    /// <summary>Answered with this code and a Kubernetes Status, without asking the server.</summary>
    public sealed record Answer(int Status) : ApiEffect;

    /// <summary>The call is passed on after this time.</summary>
    public sealed record Delay(TimeSpan For) : ApiEffect;

    /// <summary>
    /// What is empty becomes null: <c>endpoints: []</c> of the EndpointSlices of one Service, <c>subsets: []</c> (or
    /// none) of its Endpoints, in lists and in watches. A single object that is asked for by name stays as it is: so
    /// it was in Kubernetes 1.6. Everything else is passed byte for byte.
    /// </summary>
    public sealed record NullWhenEmpty(string Namespace, string Service) : ApiEffect;
}

/// <summary>A fault between a client and an API server: which calls, and what happens to them.</summary>
/// <param name="Name">what it is switched on and off by; unique in a proxy</param>
public sealed record ApiFault(string Name, ApiEffect Effect)
{
    /// <summary>Only calls of these verbs; empty for all.</summary>
    public IReadOnlyList<ApiVerb> Verbs { get; init; } = [];

    /// <summary>Only calls of these plurals; empty for all.</summary>
    public IReadOnlyList<string> Resources { get; init; } = [];

    /// <summary>Only paths that begin so; null for all.</summary>
    public string? PathPrefix { get; init; }

    /// <summary>Only clients whose User-Agent contains this; null for all.</summary>
    public string? UserAgent { get; init; }

    /// <summary>Watches of this kind stay open and bring nothing.</summary>
    public static ApiFault MuteWatches(params string[] resources) =>
        new("mute-watches", new ApiEffect.Mute()) { Verbs = [ApiVerb.Watch], Resources = resources };

    /// <summary>Nothing at all is answered any more.</summary>
    public static ApiFault MuteAll() => new("mute-all", new ApiEffect.Mute());

    /// <summary>The EndpointSlices or Endpoints of one Service are null where they are empty.</summary>
    public static ApiFault NullWhenEmpty(string space, string service) =>
        new("null-object", new ApiEffect.NullWhenEmpty(space, service))
        {
            Verbs = [ApiVerb.List, ApiVerb.Watch],
            Resources = ["endpointslices", "endpoints"],
        };

    public bool IsFor(ApiCall call) =>
        (Verbs.Count == 0 || Verbs.Contains(call.Verb))
        && (Resources.Count == 0 || Resources.Contains(call.Resource))
        && (PathPrefix is null || call.Path.StartsWith(PathPrefix, StringComparison.Ordinal))
        && (UserAgent is null || call.UserAgent.Contains(UserAgent, StringComparison.Ordinal));
}
