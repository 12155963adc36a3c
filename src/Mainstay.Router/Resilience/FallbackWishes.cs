using System.Collections.Immutable;

namespace Mainstay.Router.Resilience;

/// <summary>What a person wants of single fallbacks, whatever the Service's annotation says. Frozen.</summary>
internal sealed record FallbackWishes(ImmutableDictionary<(string Namespace, string Service), FallbackMode> Modes)
{
    public static readonly FallbackWishes None =
        new(ImmutableDictionary<(string Namespace, string Service), FallbackMode>.Empty);

    /// <returns>null where nobody wants anything</returns>
    public FallbackMode? Of(string scope, string service) =>
        Modes.TryGetValue((scope, service), out var mode) ? mode : null;
}
