using System.Collections.Immutable;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Changes;

/// <summary>The layers that a call or a change passes, from the bottom.</summary>
internal enum Layer
{
    /// <summary>Members, their version, their number.</summary>
    Store,

    /// <summary>API servers.</summary>
    ApiServer,

    /// <summary>What routers read: services, endpoints, and who stands behind them.</summary>
    Discovery,

    /// <summary>Routers, agents and nodes.</summary>
    Nodes,

    /// <summary>One service's own pods and configuration.</summary>
    Service,
}

/// <summary>What is wrong, as a change is held against it.</summary>
/// <param name="Name">a signal's name, or a service as <c>bank/payments</c></param>
/// <param name="Service">the service it is about, as <c>bank/payments</c>; empty: it is about the platform</param>
/// <param name="Overlap">how much a change of each layer can have to do with it, 0 to 1</param>
internal sealed record Symptom(string Name, string Service, ImmutableDictionary<Layer, double> Overlap)
{
    /// <summary>
    /// What lies below discovery breaks discovery; a deploy of one service hardly does.
    /// </summary>
    private static readonly ImmutableDictionary<Layer, double> OfTheSharedLayer = Weights(1, 1, 0.9, 0.4, 0.15);

    /// <summary>One service that fails was most likely changed itself.</summary>
    private static readonly ImmutableDictionary<Layer, double> OfAService = Weights(0.4, 0.4, 0.4, 0.3, 0.1);

    /// <summary>
    /// After a rollback that is looked at still, the service is cleared and the shared layer suspected.
    /// </summary>
    public static ImmutableDictionary<Layer, double> AfterRollback => OfTheSharedLayer;

    private static readonly ImmutableDictionary<Layer, double> OfTheStore = Weights(1, 0.5, 0.05, 0.3, 0.02);

    private static readonly ImmutableDictionary<Layer, double> OfANode = Weights(0.3, 0.3, 0.1, 1, 0.2);

    /// <summary>
    /// A signal by its name, else a service by <c>NAME</c>, <c>NAME.NAMESPACE</c> or <c>NAMESPACE/NAME</c>.
    /// </summary>
    public static Symptom Of(string words)
    {
        if (SignalCatalog.Find(words) is { } signal)
        {
            return new Symptom(signal.Name, "", signal.Name switch
            {
                "no-quorum" or "slow-store" or "store-member-down" or "store-member-mute" or "membership-changed"
                    or "store-member-removed" => OfTheStore,
                "node-agent-lost" or "part-silent" or "snapshot-unconfirmed" => OfANode,
                "service-failing" or "crash-loop" or "rollout-stuck" or "fallback-active" => OfAService,
                _ => OfTheSharedLayer,
            });
        }

        var service = words.Contains('/', StringComparison.Ordinal) ? words
            : words.Split('.') is [var name, var space, ..] ? $"{space}/{name}"
            : words;
        return new Symptom(service, service, OfAService);
    }

    /// <summary>Whether a change is of the service that fails; a bare name matches in every namespace.</summary>
    public bool IsAbout(Change change)
    {
        // An action names what it was done to in one word: bank/payments.
        var name = change.Namespace.Length > 0 ? $"{change.Namespace}/{change.Name}" : change.Name;
        return Service.Length > 0 && (Service.Contains('/', StringComparison.Ordinal)
            ? Service == name
            : name.EndsWith($"/{Service}", StringComparison.Ordinal));
    }

    private static ImmutableDictionary<Layer, double> Weights(params double[] weights) =>
        Enum.GetValues<Layer>().Zip(weights).ToImmutableDictionary(pair => pair.First, pair => pair.Second);
}
