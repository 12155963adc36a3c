using Mainstay.Kernel;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery.Brake;

/// <summary>
/// Puts together what keeps a router on what is true: the brake, where the node agents are, and the confirmation of the
/// snapshot. Owns their connections; <see cref="Run"/> gives their loops.
/// </summary>
internal sealed class BrakeSetup : IDisposable
{
    private readonly KubeHttp _http;
    private readonly AgentPods _agents;
    private readonly NodeAgents _nodes;
    private readonly EndpointBrake? _brake;
    private readonly DiscoveryWorld _world;
    private readonly RouterOptions _options;
    private readonly DiscoveryParts _parts;
    private SnapshotConfirmer? _confirmer;

    private BrakeSetup(Kubeconfig kubeconfig, RouterOptions options, DiscoveryParts parts, DiscoveryWorld world)
    {
        (_options, _world) = (options, world);
        _http = KubeHttp.Create(kubeconfig, new KubeHttpOptions
        {
            UserAgent = "mainstay-brake",
            Time = world.Time,
            ConnectTimeout = TimeSpan.FromSeconds(1),
            RequestTimeout = TimeSpan.FromSeconds(3),
        });
        _agents = new AgentPods(world.Time);
        _nodes = new NodeAgents(_http, world);
        _brake = parts.Protections.Brake ? new EndpointBrake(world.Time) : null;
        _parts = parts with { Stages = _brake is null ? [_nodes] : [_nodes, _brake] };
    }

    /// <summary>The parts with the stages of this.</summary>
    public DiscoveryParts Parts => _parts;

    /// <returns>null for a router without an API server</returns>
    /// <exception cref="StartException">the kubeconfig cannot be used</exception>
    public static BrakeSetup? Create(RouterOptions options, DiscoveryParts parts, DiscoveryWorld world)
    {
        try
        {
            return options.Kubeconfig is { } file
                ? new BrakeSetup(Kubeconfig.Load(file), options, parts, world)
                : null;
        }
        catch (KubeconfigException fault)
        {
            throw new StartException(fault.Message, "name a good one by --kubeconfig");
        }
    }

    /// <summary>Before the router listens: what the disk says, as far as the agents do not contradict.</summary>
    public async Task ConfirmAsync(KubeDiscovery discovery)
    {
        var saved = discovery.Current;
        if (saved.Slices.IsEmpty)
        {
            return;
        }

        _nodes.Restore(saved.Agents);
        _confirmer = new SnapshotConfirmer(_agents, _options.Agent, _parts, _world);
        var confirmed = await _confirmer.ConfirmAsync(saved, CancellationToken.None);
        if (!ReferenceEquals(confirmed.Slices, saved.Slices))
        {
            discovery.Restore(confirmed);
        }
    }

    /// <summary>Loops that end when the token is cancelled, or by a bug.</summary>
    public IEnumerable<Task> Run(KubeDiscovery discovery, CancellationToken cancellationToken)
    {
        _nodes.Changed = isElsewhere =>
        {
            if (isElsewhere)
            {
                discovery.Republish();
            }
        };
        yield return _nodes.RunAsync(cancellationToken);
        if (_brake is not null)
        {
            var witnesses = new Witnesses(_http, _nodes, _agents, _world.Time);
            var loop = new BrakeLoop(_brake, witnesses, _parts, _world) { Released = discovery.Republish };
            yield return loop.RunAsync(cancellationToken);
        }

        if (_confirmer is not null)
        {
            yield return ConfirmerAsync(_confirmer, discovery, cancellationToken);
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _agents.Dispose();
    }

    /// <summary>It ends when everything is confirmed, and the end of a loop would end the router.</summary>
    private async Task ConfirmerAsync(
        SnapshotConfirmer confirmer, KubeDiscovery discovery, CancellationToken cancellationToken)
    {
        await confirmer.RunAsync(
            () => discovery.View.State == SourceState.Live, discovery.Restore, cancellationToken);
        await Task.Delay(Timeout.InfiniteTimeSpan, _world.Time, cancellationToken)
            .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }
}
