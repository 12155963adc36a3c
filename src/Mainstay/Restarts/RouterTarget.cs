using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;

namespace Mainstay.Restarts;

/// <summary>The routers of this machine's nodes.</summary>
internal sealed class RouterTarget(LocalPlatform platform) : StaticPodTarget(platform)
{
    public static readonly ImmutableDictionary<string, string> NoCure = new Dictionary<string, string>
    {
        [SignalCatalog.ObjectQuarantined.Name] =
            "a router that starts anew reads the same object; mend or delete the object",
        [SignalCatalog.NullInObject.Name] =
            "routers read it as empty, before a restart and after; delete or repair the object for other readers",
        [SignalCatalog.ServiceFailing.Name] =
            "restarting routers does not help unless one router is what the failures single out (mainstay why SERVICE)",
        [SignalCatalog.RollbackDidNotHelp.Name] =
            "the shared layer is at fault; find the hop that is stale, a restart hides it",
        [SignalCatalog.ApiServerDown.Name] = "routers do not need it to carry calls; start the API server",
        [SignalCatalog.CrashLoop.Name] = "a container that crashes does so behind any router",
    }.ToImmutableDictionary(StringComparer.Ordinal);

    public override TargetTraits Traits { get; } = new()
    {
        Kind = "routers",
        Effect = "each router is started anew beside the old one, which hands its addresses over and ends its calls; "
            + "pods are not touched.",
        UnitDeadline = TimeSpan.FromSeconds(60),
        Bake = TimeSpan.FromSeconds(15),
        RefusedUnder =
        [
            SignalCatalog.DiscoveryStale.Name, SignalCatalog.ApiCacheStale.Name, SignalCatalog.NoQuorum.Name,
        ],
        NoCureFor = NoCure,
    };

    protected override string Part => "router";

    public override async Task<ImmutableArray<Need>> NeedsAsync(
        ImmutableArray<ActionUnit> units, CancellationToken cancellationToken)
    {
        var needs = new StartNeeds(Platform);
        return
        [
            .. await needs.ApiServersAsync(cancellationToken),
            await needs.QuorumAsync(cancellationToken),
            await needs.HeartbeatAsync(cancellationToken),
            needs.Image(Up.StaticPods.RouterImage),
            .. units.Select(unit => needs.Snapshot(unit.Node)),
            .. await Task.WhenAll(units.Select(unit => needs.AgentAsync(unit.Node, cancellationToken))),
        ];
    }

    public override Task<UnitProof> ProveAsync(ActionUnit unit, CancellationToken cancellationToken) =>
        ProofReader.ProveAsync(Platform.Http, Platform.Router(unit.Node), cancellationToken);

    protected override string SubjectOf(string node) => $"router/{node}";

    /// <summary>
    /// Ready, with services in its table, heard live, and with a heartbeat that advances if it tells of one.
    /// </summary>
    protected override async Task<string> FaultAsync(ActionUnit unit, CancellationToken cancellationToken)
    {
        var admin = Platform.Router(unit.Node);
        var ready = await Platform.Http.GetAsync(new Uri(admin, "/readyz"), cancellationToken);
        if (!ready.Succeeded)
        {
            return $"it is not ready: {ready.Why}";
        }

        using var table = (await Platform.Http.GetAsync(new Uri(admin, "/table.json"), cancellationToken)).Json();
        if (table is null || !table.RootElement.Items("services").Any())
        {
            return "its table is empty";
        }

        var state = table.RootElement.Child("source")?.Text("state");
        if (state != "live")
        {
            return $"its table is not live yet: {state}";
        }

        var signals = await Platform.Http.GetAsync(new Uri(admin, "/signals.json"), cancellationToken);
        var hop = signals.Succeeded ? Hop(signals.Body, unit.Subject) : null;
        return hop is null || hop.Age < TimeSpan.FromSeconds(10) ? "" : "it has not seen the heartbeat advance yet";
    }

    private static Hop? Hop(byte[] body, string subject)
    {
        try
        {
            return SignalsJson.Read(body).Hops.FirstOrDefault(hop => hop.Name == subject);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
