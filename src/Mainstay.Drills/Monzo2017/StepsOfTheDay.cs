using System.Globalization;
using Mainstay.Drills.Faults;
using Mainstay.Drills.Timeline;

namespace Mainstay.Drills.Monzo2017;

/// <summary>The day itself, from the deploy at 14:10 to the deletion at 15:31.</summary>
internal sealed class StepsOfTheDay(DrillScene scene)
{
    private static readonly TimeSpan RolloutMax = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan ApiBackMax = TimeSpan.FromSeconds(40);

    private readonly FleetRestart _restart = new(scene);
    private readonly Trials _trials = new(scene);

    public IEnumerable<DrillStep> All() =>
        [.. Morning(), .. RestartInTheDark(), .. _trials.InTheDark(), .. Afternoon(), .. _trials.AtTheEnd()];

    private IEnumerable<DrillStep> Morning()
    {
        yield return new DrillStep(
            Story.MuteWatch, "14:10", StepKind.Fault,
            "the API server that the routers watch keeps their watches of endpoints open and sends nothing",
            scene.Pace.Minutes(3))
        {
            ActAsync = MuteAsync,
        };
        yield return new DrillStep(
            Story.Deploy, "14:10", StepKind.Action, $"a change of {Story.Deployed} is deployed", TimeSpan.Zero)
        {
            ActAsync = token => RollAsync(
                Story.Deploy, () => scene.Cluster.DeployAsync(Story.Deployed, "14:10", token), "the new pods", token),
        };
        yield return new DrillStep(
            Story.Rollback, "14:12", StepKind.Action, $"{Story.Deployed} is rolled back", scene.Pace.Minutes(2))
        {
            ActAsync = token => RollAsync(
                Story.Rollback, () => scene.Cluster.UndoAsync(Story.Deployed, token), "the pods of before", token),
        };
    }

    private IEnumerable<DrillStep> RestartInTheDark()
    {
        yield return new DrillStep(
            Story.FirstRestart, "14:18", StepKind.Action, "the tool that restarts routers is tried",
            scene.Pace.Minutes(6))
        {
            ActAsync = _restart.TryAsync,
            AfterNaming = Story.MuteWatch,
        };
        yield return new DrillStep(
            Story.NoConfiguration, "14:24", StepKind.Fault,
            "the API servers answer 500 to every router and every node agent", scene.Pace.Minutes(6))
        {
            ActAsync = RefuseConfigurationAsync,
        };
        yield return new DrillStep(
            Story.Restart, "14:26", StepKind.Action, "restart every router", scene.Pace.Minutes(2))
        {
            ActAsync = _restart.ActAsync,
        };
    }

    private IEnumerable<DrillStep> Afternoon()
    {
        yield return new DrillStep(
            Story.ApiRestart, "14:37", StepKind.Recovery, "the three API servers are restarted, and answer again",
            scene.Pace.Minutes(11))
        {
            ActAsync = RestartApiServersAsync,
            AfterNaming = Story.NoConfiguration,
        };
        yield return new DrillStep(
            Story.Poison, "15:13", StepKind.Look, "every router can list again, and every list has null in it",
            scene.Pace.Minutes(36))
        {
            ActAsync = _restart.LookAsync,
        };
        yield return new DrillStep(
            Story.Deletion, "15:31", StepKind.Recovery, $"the empty Service {Story.Empty} is deleted",
            scene.Pace.Minutes(18))
        {
            ActAsync = DeleteServiceAsync,
        };
    }

    private Task<string> MuteAsync(CancellationToken cancellationToken)
    {
        var watched = scene.Stage.RouterProxies.MaxBy(proxy => proxy.OpenWatches) ?? scene.Stage.RouterProxies[0];
        watched.Faults.TurnOn(ApiFault.MuteWatches("endpointslices", "endpoints"));
        scene.Faults.Begin(
            Story.MuteWatch, "a mute watch of endpoints", ["api-cache-stale", "discovery-stale"],
            [watched.Url.Authority]);
        if (watched.OpenWatches == 0)
        {
            scene.InVain.Add(Story.MuteWatch);
        }

        return Task.FromResult(string.Create(
            CultureInfo.InvariantCulture,
            $"{watched.OpenWatches} of the routers' {scene.Stage.RouterProxies.Sum(proxy => proxy.OpenWatches)} "
            + $"watches are open at {watched.Url.Authority}"));
    }

    private async Task<string> RollAsync(
        string step, Func<Task> change, string what, CancellationToken cancellationToken)
    {
        await change();
        var done = await scene.Waits.UntilAsync(
            token => scene.Cluster.IsRolledOutAsync(Story.Deployed, token), RolloutMax, cancellationToken);
        if (!done)
        {
            scene.InVain.Add(step);
        }

        return done
            ? $"rolled out: {what} are ready, the others are gone"
            : $"not rolled out after {RolloutMax.TotalSeconds:0} s: the others still answer";
    }

    private Task<string> RefuseConfigurationAsync(CancellationToken cancellationToken)
    {
        foreach (var proxy in scene.Stage.RouterProxies.Concat(scene.Stage.AgentProxies))
        {
            proxy.Faults.TurnOn(new ApiFault(Story.NoConfiguration, new ApiEffect.Answer(500)));
            proxy.CutWatches();
        }

        scene.Faults.Begin(
            Story.NoConfiguration, "configuration cannot be fetched from any API server",
            ["api-server-down", "api-cache-stale", "discovery-stale", "restart-unsafe", "node-agent-lost"],
            ["500 InternalError", "answers 500", "no API server answers"]);
        return Task.FromResult("their watches are cut, and what they ask is answered 500");
    }

    private async Task<string> RestartApiServersAsync(CancellationToken cancellationToken)
    {
        var killed = scene.Stage.ApiServers().Count(server => server.Kill());
        foreach (var proxy in scene.Stage.RouterProxies.Concat(scene.Stage.AgentProxies))
        {
            proxy.Faults.TurnOff(Story.NoConfiguration);
            proxy.Faults.TurnOff("mute-watches");
        }

        scene.Faults.End(Story.NoConfiguration);
        scene.Faults.End(Story.MuteWatch);
        var back = await scene.Waits.UntilAsync(
            async token => await scene.Cluster.PodAddressesAsync(Story.Deployed, token) is { Count: > 0 }, ApiBackMax,
            cancellationToken);
        if (!back || killed == 0)
        {
            scene.InVain.Add(Story.ApiRestart);
        }

        return back ? $"{killed} killed, and they answer again" : $"{killed} killed, and none answers yet";
    }

    private async Task<string> DeleteServiceAsync(CancellationToken cancellationToken)
    {
        await scene.Cluster.DeleteAsync(
            $"/api/v1/namespaces/{Story.Namespace}/services/{Story.Empty}", cancellationToken);
        scene.Faults.End(StepsBefore.NullObject);
        return "its EndpointSlice goes with it, and no list has null any more";
    }
}
