using System.Net;
using System.Net.Sockets;
using Mainstay.Agent.Addresses;
using Mainstay.Agent.Api;
using Mainstay.Agent.Http;
using Mainstay.Agent.Images;
using Mainstay.Agent.Logs;
using Mainstay.Agent.Manifests;
using Mainstay.Agent.Pods;
using Mainstay.Agent.Probes;
using Mainstay.Agent.Processes;
using Mainstay.Agent.Proof;
using Mainstay.Agent.Signals;
using Mainstay.Agent.State;
using Mainstay.Kernel;
using Mainstay.Kernel.Proofs;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mainstay.Agent;

/// <summary>
/// Runs a node agent until cancelled; its pods run on, and the next agent on the same folder adopts them.
/// </summary>
public static class NodeAgentHost
{
    /// <exception cref="StartException">an option is wrong, an address or a folder is not to be had</exception>
    public static async Task RunAsync(NodeAgentOptions options, CancellationToken cancellationToken)
    {
        if (options.Faults() is { Count: > 0 } faults)
        {
            throw new StartException(string.Join("; ", faults), "mend the options", ExitCodes.Usage);
        }

        CheckCidr(options);
        using var held = NodeLock.Take(options.DataFolder);
        await using var app = AgentHttp.Build(options);
        using var exits = new ExitWatcher();
        using var caller = new ProbeCaller(exits, TimeProvider.System);
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Mainstay.Agent");
        using var connection = new ApiConnection(options.KubeconfigFile, TimeProvider.System, logger);
        var parts = new NodeAgentParts(app, options, new NodeWorld(exits, caller, connection, logger));
        AgentHttp.Map(app, parts.Routes);
        await AgentHttp.StartAsync(app, options, cancellationToken);
        AgentLog.Started(logger, options.Name, options.Address, options.PodCidr);
        try
        {
            await RunTogetherAsync(parts.Loops(), cancellationToken);
        }
        finally
        {
            await app.StopAsync(CancellationToken.None);
            AgentLog.Stopped(logger, parts.Conductor.PodCount);
        }
    }

    /// <summary>
    /// Runs as a throw-away instance: rehearses a start from what is on disk, touches nothing, says in one line of JSON
    /// what is missing (docs/agent.md), and returns.
    /// </summary>
    /// <exception cref="StartException">an option is wrong</exception>
    public static async Task ProveAsync(
        NodeAgentOptions options, Stream output, CancellationToken cancellationToken)
    {
        if (options.Faults() is { Count: > 0 } faults)
        {
            throw new StartException(string.Join("; ", faults), "mend the options", ExitCodes.Usage);
        }

        CheckCidr(options);
        var runs = await new ThrowAwayAgent(options, TimeProvider.System).RunAsync(cancellationToken);
        await output.WriteAsync(ProofJson.Line(json => ProofRunJson.Write(json, runs)), cancellationToken);
        output.WriteByte((byte)'\n');
        await output.FlushAsync(cancellationToken);
    }

    /// <summary>
    /// All loops live and end together: one that ends by itself ends the agent, whose starter starts it anew.
    /// </summary>
    private static async Task RunTogetherAsync(
        IEnumerable<Func<CancellationToken, Task>> loops, CancellationToken cancellationToken)
    {
        using var together = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = loops.Select(loop => Task.Run(() => loop(together.Token), CancellationToken.None)).ToList();
        var rest = running.ToList();
        while (rest.Count > 0)
        {
            var ended = await Task.WhenAny(rest);
            rest.Remove(ended);
            if (ended.IsFaulted || ended.IsCanceled)
            {
                break;
            }
        }

        await together.CancelAsync();
        try
        {
            await Task.WhenAll(running);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Better one clear line now than every pod failing to listen later.</summary>
    private static void CheckCidr(NodeAgentOptions options)
    {
        var cidr = PodCidr.Parse(options.PodCidr, out _) ?? throw new InvariantException("the options were checked");
        try
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(IPAddress.Parse(PodCidr.ToText(cidr.First)), 0));
        }
        catch (SocketException e)
        {
            throw new StartException(
                $"addresses of {options.PodCidr} cannot be listened on: {e.Message}",
                $"make them this machine's own: ip route add local {options.PodCidr} dev lo");
        }
    }
}

/// <summary>What the agent holds of the world for as long as it runs.</summary>
internal sealed record NodeWorld(ExitWatcher Exits, ProbeCaller Caller, ApiConnection Connection, ILogger Logger);

/// <summary>Puts the agent's parts together; who knows whom stands here and nowhere else.</summary>
internal sealed class NodeAgentParts
{
    private readonly NodeAgentOptions _options;
    private readonly NodeWorld _world;
    private readonly ApiWorld _chance = new(TimeProvider.System, new Random());
    private readonly StaticPods _manifests;
    private readonly ApiPods _apiPods;
    private readonly PodPublisher _publisher;
    private readonly NodeReporter _reporter;
    private readonly EventWriter _events;
    private readonly LogKeeper _logs;
    private readonly Prover _prover;
    private readonly AgentSignals _signals;

    public NodeAgentParts(WebApplication app, NodeAgentOptions options, NodeWorld world)
    {
        (_options, _world) = (options, world);
        var board = app.Services.GetRequiredService<PodBoard>();
        var metrics = app.Services.GetRequiredService<AgentMetrics>();
        var data = Path.GetFullPath(options.DataFolder);
        var (state, logs) = (Path.Combine(data, "state"), Path.Combine(data, "pods"));
        var time = TimeProvider.System;
        _events = new EventWriter(options.Name, metrics, _chance, world.Logger);
        _manifests = new StaticPods(
            new StaticPodsOptions(FullPath(options.ManifestsFolder), options.Name), time, world.Logger);
        _apiPods = new ApiPods(options.Name, world.Logger);
        _publisher = new PodPublisher(
            new PublisherTools(world.Connection, board, _apiPods, _manifests, metrics, world.Logger), _chance);
        _reporter = new NodeReporter(new NodeShape(options), metrics, _chance, world.Logger);
        _logs = new LogKeeper(board, logs, time);
        var configs = new ConfigReader(world.Connection, Path.Combine(state, "configs"), world.Logger);
        var starter = new ContainerStarter(new StarterTools(
            new ImageStore(options.ImagesFolder),
            configs,
            Path.GetFullPath(options.VolumesFolder),
            options.HostEnvironment));
        var workers = new PodWorkerTools(
            starter, world.Caller, world.Exits, new ListenerTable(time), new PodFolder(state), board)
        {
            Events = _events,
            Metrics = metrics,
            Time = time,
            Logger = world.Logger,
            HostIp = options.Address,
            NodeName = options.Name,
            LogsFolder = logs,
        };
        var cidr = PodCidr.Parse(options.PodCidr, out _) ?? throw new InvariantException("the options were checked");
        var addresses = new AddressPool(cidr, IPAddress.Parse(options.Address), Path.Combine(state, "address-cursor"));
        Conductor = new NodeConductor(
            new ConductorTools(_manifests, _apiPods, _publisher, addresses, configs, workers), options);
        _prover = new Prover(
            options.ThrowAway, world.Exits, new ProverWorld(time, new Random(), world.Logger));
        _signals = new AgentSignals(options.Name, board, _prover, time);
        metrics.Observe("mainstay_signal_active", _signals.Measure);
        metrics.Observe("mainstay_restart_safe", _prover.MeasureSafe);
        metrics.Observe("mainstay_restart_proof_age_seconds", _prover.MeasureAge);
        Routes = new AgentRoutes(new ContainerLogs(board, logs, time), new LocalPods(options.Name, board, time),
            _signals, new ProofPages(options.Name, _prover, time));
        board.Changed += _publisher.Nudge;

        // A static pod that is ready may be what another one waits for.
        board.Changed += Conductor.Nudge;
    }

    public NodeConductor Conductor { get; }

    public AgentRoutes Routes { get; }

    public IEnumerable<Func<CancellationToken, Task>> Loops() =>
    [
        Conductor.RunAsync,
        token => _manifests.RunAsync(Changed, token),
        token => _world.Connection.RunAsync(_chance.Random, token),
        token => _apiPods.RunAsync(_world.Connection, _chance, Changed, token),
        token => _publisher.RunAsync(Conductor.Removed, token),
        token => _reporter.RunAsync(_world.Connection, token),
        token => _events.RunAsync(_world.Connection, token),
        _logs.RunAsync,
        _prover.RunAsync,
        _signals.RunAsync,
    ];

    private void Changed()
    {
        Conductor.Nudge();
        _publisher.Nudge();
    }

    private static string? FullPath(string? path) => path is null ? null : Path.GetFullPath(path);
}
