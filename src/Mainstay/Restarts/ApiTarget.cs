using System.Collections.Immutable;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kernel.Signals;

namespace Mainstay.Restarts;

/// <summary>
/// The API servers of this machine's nodes. They hold no state: what they need is a store with a quorum.
/// </summary>
internal sealed class ApiTarget(LocalPlatform platform) : StaticPodTarget(platform)
{
    public override TargetTraits Traits { get; } = new()
    {
        Kind = "api",
        Effect = "each API server is stopped and started anew; calls between services do not pass through it, "
            + "changes wait for it or go to another.",
        UnitDeadline = TimeSpan.FromSeconds(60),
        Bake = TimeSpan.FromSeconds(15),
        RefusedUnder = [SignalCatalog.NoQuorum.Name],
    };

    protected override string Part => "api";

    public override async Task<ImmutableArray<Need>> NeedsAsync(
        ImmutableArray<ActionUnit> units, CancellationToken cancellationToken)
    {
        var needs = new StartNeeds(Platform);
        var pki = Directory.Exists(Platform.Data.Pki) && File.Exists(Platform.Data.Tokens);
        return
        [
            await needs.QuorumAsync(cancellationToken),
            needs.Image(Up.StaticPods.PlatformImage),
            new Need("certificates and tokens", pki, pki ? "there" : $"missing in {Platform.Data.Root}"),
            .. await Task.WhenAll(units.Select(unit => needs.AgentAsync(unit.Node, cancellationToken))),
        ];
    }

    public override Task<UnitProof> ProveAsync(ActionUnit unit, CancellationToken cancellationToken) =>
        Task.FromResult(UnitProof.None);

    protected override string SubjectOf(string node) => $"api/{UrlOf(node)}";

    protected override async Task<string> FaultAsync(ActionUnit unit, CancellationToken cancellationToken)
    {
        using var api = Platform.Api(new Uri(UrlOf(unit.Node)));
        var answer = await LocalPlatform.AskAsync(api, "/readyz", cancellationToken);
        return answer.Succeeded ? "" : $"it is not ready: {answer.Why}";
    }

    /// <summary>API server number i stands on node i.</summary>
    private string UrlOf(string node)
    {
        var index = Platform.Record.Nodes.ToList().IndexOf(node);
        return Platform.Record.ApiServers[index];
    }
}
