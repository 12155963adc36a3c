using System.Collections.Immutable;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kube;
using Mainstay.Up;

namespace Mainstay.Restarts;

/// <summary>
/// The node agents that <c>up</c> supervises: asked to stop, by pid, start time and boot id; <c>up</c> starts each
/// again, and it adopts the pods that ran on meanwhile.
/// </summary>
internal sealed class AgentTarget(LocalPlatform platform) : IActionTarget
{
    public TargetTraits Traits { get; } = new()
    {
        Kind = "agents",
        Effect = "each agent is stopped and started again by 'mainstay up'; its pods run on and are adopted.",
        UnitDeadline = TimeSpan.FromSeconds(45),
        Bake = TimeSpan.FromSeconds(10),
    };

    public async Task<ImmutableArray<ActionUnit>> UnitsAsync(CancellationToken cancellationToken) =>
        [.. await Task.WhenAll(platform.Record.Nodes.Select(node => UnitAsync(node, cancellationToken)))];

    public async Task<ImmutableArray<Need>> NeedsAsync(
        ImmutableArray<ActionUnit> units, CancellationToken cancellationToken)
    {
        var needs = new StartNeeds(platform);
        var apis = await needs.ApiServersAsync(cancellationToken);
        return [needs.Supervisor(), .. apis.Select(need => need with { Required = false })];
    }

    public Task<UnitProof> ProveAsync(ActionUnit unit, CancellationToken cancellationToken) =>
        ProofReader.ProveAsync(platform.Http, platform.Agent(unit.Node), cancellationToken);

    public async Task<UnitState> LookAsync(ActionUnit unit, CancellationToken cancellationToken)
    {
        if (platform.RecordNow().AgentOf.GetValueOrDefault(unit.Node) is not { } agent || !agent.IsRunning())
        {
            return new UnitState("", false, "its process does not run");
        }

        var instance = $"{agent.Pid}/{agent.StartTicks}";
        var answer = await platform.Http.GetAsync(new Uri(platform.Agent(unit.Node), "/readyz"), cancellationToken);
        return new UnitState(instance, answer.Succeeded, answer.Succeeded ? "" : answer.Why);
    }

    public Task ActAsync(ActionUnit unit, IActionTeller tell, CancellationToken cancellationToken)
    {
        if (platform.RecordNow().AgentOf.GetValueOrDefault(unit.Node) is not { } agent || !agent.IsRunning())
        {
            throw new ActionException($"the record of the platform has no running agent of {unit.Node}");
        }

        ProcessSignals.Terminate(agent.Pid);
        tell.Tell(unit.Subject, "stop", $"SIGTERM to process {agent.Pid}");
        return Task.CompletedTask;
    }

    public Task<string> TakeBackAsync(ActionUnit unit, CancellationToken cancellationToken) => Task.FromResult("");

    private async Task<ActionUnit> UnitAsync(string node, CancellationToken cancellationToken)
    {
        var answer = await platform.Http.GetAsync(new Uri(platform.Agent(node), "/pods"), cancellationToken);
        using var document = answer.Json();
        return new ActionUnit($"node/{node}", node, platform.Record.ZoneOf.GetValueOrDefault(node, ""))
        {
            Pods = document?.RootElement.Items("items").Count(),
        };
    }
}
