using System.Collections.Immutable;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.ConsoleSite.Signals;

namespace Mainstay.ConsoleSite.Checks;

/// <summary>What routers and agents last said of their restart proofs.</summary>
/// <param name="Proofs">one of each part that is known</param>
/// <param name="At">when they were asked; null: not yet</param>
public sealed record ProofsNow(ImmutableArray<PartProof> Proofs, DateTimeOffset? At)
{
    public static ProofsNow None { get; } = new([], null);

    /// <summary>The router's or agent's proof of a node; null where none is known.</summary>
    public PartProof? Of(PartKind kind, string node) =>
        Proofs.FirstOrDefault(proof => proof.Part.Kind == kind && proof.Part.Instance == node);

    /// <summary>Nodes of which a part is known, by name.</summary>
    public IEnumerable<string> Nodes =>
        Proofs.Select(proof => proof.Part.Instance).Distinct().Order(StringComparer.Ordinal);
}

/// <summary>
/// Asks every router and agent for its proof, side by side, each few seconds: a page must not wait for a part that is
/// mute. <see cref="Now"/> is thread safe.
/// </summary>
internal sealed class ProofWatch(Func<PlatformMap> map, TimeProvider time)
{
    private ProofsNow _now = ProofsNow.None;

    public ProofsNow Now => Volatile.Read(ref _now);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Limits.ProofsInterval, time);
        do
        {
            var proofs = await new PlatformReader(map(), time).ReadProofsAsync(cancellationToken);
            Volatile.Write(ref _now, new ProofsNow(proofs, time.GetUtcNow()));
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>The parts of the map, and routers that were found by an address of their own.</summary>
    internal static PlatformMap Of(PlatformMap map, FleetView fleet) => map with
    {
        Parts =
        [
            .. map.Parts,
            .. fleet.Routers
                .Where(router => router.Node.Length > 0 && !map.Parts.Any(part =>
                    part.Kind == PartKind.Router && part.Instance == router.Node))
                .DistinctBy(router => router.Node)
                .Select(router => new PlatformPart(PartKind.Router, router.Node, router.Address)),
        ],
    };
}
