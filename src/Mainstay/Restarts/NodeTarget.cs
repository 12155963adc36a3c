using System.Collections.Immutable;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;

namespace Mainstay.Restarts;

/// <summary>How a node is restarted.</summary>
/// <param name="Node">its name</param>
/// <param name="KeepsPods">pods are not moved; they run on while agent and router are restarted</param>
internal sealed record NodeRestart(string Node, bool KeepsPods);

/// <summary>
/// One node: cordoned, its pods replaced elsewhere first, then its agent and its router restarted, each proven before,
/// and opened again. Refused where a pod is the only one of its kind and cannot move, and while something critical is
/// wrong that this node is not the cause of.
/// </summary>
internal sealed class NodeTarget(LocalPlatform platform, NodeRestart restart) : IActionTarget
{
    private readonly RouterTarget _routers = new(platform);
    private readonly AgentTarget _agents = new(platform);
    private NodeMoves? _moves;
    private NodeDrain? _drain;

    public TargetTraits Traits { get; } = new()
    {
        Kind = restart.Node,
        Effect = restart.KeepsPods
            ? "the node's agent and router are restarted; its pods run on."
            : "the node takes no new pods, its pods are replaced elsewhere first, then its agent and its router are "
                + "restarted and it is opened again.",
        UnitDeadline = TimeSpan.FromSeconds(60),
        Bake = TimeSpan.FromSeconds(15),
        RefusedUnder =
        [
            SignalCatalog.DiscoveryStale.Name, SignalCatalog.ApiCacheStale.Name, SignalCatalog.NoQuorum.Name,
        ],
        NoCureFor = RouterTarget.NoCure,
    };

    private string Node => restart.Node;

    private ActionUnit Router => new($"router/{Node}", Node, "");

    private ActionUnit Agent => new($"node/{Node}", Node, "");

    public Task<ImmutableArray<ActionUnit>> UnitsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<ImmutableArray<ActionUnit>>(platform.Record.Nodes.Contains(Node)
            ?
            [
                new ActionUnit($"node/{Node}", Node, platform.Record.ZoneOf.GetValueOrDefault(Node, "")),
            ]
            : []);

    public async Task<ImmutableArray<Need>> NeedsAsync(
        ImmutableArray<ActionUnit> units, CancellationToken cancellationToken)
    {
        if (units.IsEmpty)
        {
            return [];
        }

        var needs = ImmutableArray.CreateBuilder<Need>();
        needs.AddRange(await _routers.NeedsAsync([Router], cancellationToken));
        needs.AddRange(await _agents.NeedsAsync([Agent], cancellationToken));
        needs.AddRange(Causes(await platform.World.LookAsync(cancellationToken), Node, platform.Record.Nodes));
        if (!restart.KeepsPods)
        {
            needs.AddRange(await MovesAsync(cancellationToken));
        }

        return [.. needs.DistinctBy(need => need.Name)];
    }

    public async Task<UnitProof> ProveAsync(ActionUnit unit, CancellationToken cancellationToken)
    {
        var agent = await _agents.ProveAsync(Agent, cancellationToken);
        return agent.Result == ProofResult.Safe ? await _routers.ProveAsync(Router, cancellationToken) : agent;
    }

    public async Task<UnitState> LookAsync(ActionUnit unit, CancellationToken cancellationToken)
    {
        var agent = await _agents.LookAsync(Agent, cancellationToken);
        var router = await _routers.LookAsync(Router, cancellationToken);
        return new UnitState(
            $"{agent.Instance} {router.Instance}",
            agent.Well && router.Well,
            string.Join("; ", new[] { agent.Detail, router.Detail }.Where(detail => detail.Length > 0)));
    }

    public async Task ActAsync(ActionUnit unit, IActionTeller tell, CancellationToken cancellationToken)
    {
        var drain = _drain = new NodeDrain(platform.Api(), Node, platform.Time);
        tell.Tell(
            unit.Subject,
            "cordon",
            await drain.CloseAsync(cancellationToken) ? "it takes no new pods" : "it took no new pods before");
        await drain.MoveAsync(_moves?.Movers ?? [], tell, cancellationToken);
        await RestartAsync(_agents, Agent, tell);
        await RestartAsync(_routers, Router, tell);
        if (await drain.OpenAsync(cancellationToken))
        {
            tell.Tell(unit.Subject, "uncordon", "it takes pods again");
        }
    }

    public async Task<string> TakeBackAsync(ActionUnit unit, CancellationToken cancellationToken)
    {
        if (_drain is null)
        {
            return "";
        }

        var router = await _routers.TakeBackAsync(Router, cancellationToken);
        await _drain.ShrinkAllAsync(cancellationToken);
        await _drain.OpenAsync(cancellationToken);
        var more = router.Length > 0 ? $"; of the router {router}" : "";
        return "deployments have their size again, or the one that somebody gave them meanwhile; the node is as open "
            + $"as before{more}";
    }

    /// <summary>
    /// What is wrong now, and whether this node alone has to do with it: a list of all that suffer singles out none.
    /// </summary>
    /// <param name="nodes">all that there are</param>
    internal static IEnumerable<Need> Causes(WorldView world, string node, IEnumerable<string> nodes)
    {
        foreach (var signal in world.Signals.Where(signal => signal.Severity == Severity.Critical))
        {
            var singles = Names(signal, node) && !nodes.Any(other => other != node && Names(signal, other));
            yield return new Need(
                $"{signal.Name} on {signal.Subject}",
                singles,
                singles
                    ? $"it singles out {node}: a restart may help"
                    : $"nothing singles out {node}: restarting it would not help, and takes away what still works");
        }
    }

    private static bool Names(Signal signal, string node) =>
        signal.Subject.EndsWith($"/{node}", StringComparison.Ordinal)
        || signal.Reading.CausedBy.Any(cause => cause.EndsWith($"/{node}", StringComparison.Ordinal))
        || signal.Reading.Evidence.Any(fact => fact.Value.Split(',', ' ').Contains(node));

    private async Task<IEnumerable<Need>> MovesAsync(CancellationToken cancellationToken)
    {
        try
        {
            var lists = await ClusterLists.ReadAsync(platform.Api(), cancellationToken);
            _moves = NodeMoves.Of(Node, lists);
            return
            [
                new Need("pods to move", true, Words(_moves)) { Required = false },
                .. _moves.Stuck.Select(pod => new Need(
                    $"pod {pod.Pod}",
                    false,
                    pod.IsOnlyOne
                        ? $"the only one of its kind, and it cannot move: {pod.Why} (--keep-pods leaves pods alone)"
                        : $"it stays: {pod.Why}") { Required = pod.IsOnlyOne }),
            ];
        }
        catch (Exception fault) when (ApiFaults.IsOfTheWorld(fault))
        {
            return [new Need("pods to move", false, $"no API server tells which there are: {fault.Message}")];
        }
    }

    private static string Words(NodeMoves moves) =>
        $"{moves.Movers.Sum(mover => mover.PodsHere.Length)} of {moves.Pods}, of "
        + string.Join(", ", moves.Services.DefaultIfEmpty("no service"));

    /// <summary>Proven afresh, done, and waited for.</summary>
    private async Task RestartAsync(IActionTarget target, ActionUnit unit, IActionTeller tell)
    {
        var proof = await target.ProveAsync(unit, CancellationToken.None);
        if (proof.Result != ProofResult.Safe)
        {
            throw new ActionException($"{unit.Subject} is no longer proven to start: {proof.Reason}");
        }

        var before = await target.LookAsync(unit, CancellationToken.None);
        var began = platform.Time.GetTimestamp();
        await target.ActAsync(unit, tell, CancellationToken.None);
        while (true)
        {
            var state = await target.LookAsync(unit, CancellationToken.None);
            if (state.Well && state.Instance != before.Instance)
            {
                tell.Tell(unit.Subject, "well", "");
                return;
            }

            if (platform.Time.GetElapsedTime(began) >= target.Traits.UnitDeadline)
            {
                throw new ActionException($"{unit.Subject} did not come back: {state.Detail}");
            }

            await Task.Delay(ActionEngine.LookInterval, platform.Time, CancellationToken.None);
        }
    }
}
