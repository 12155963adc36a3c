using Mainstay.Agent.Processes;
using Mainstay.Kernel;
using Mainstay.Kube;
using Mainstay.Restarts;

namespace Mainstay.Up;

/// <summary>
/// One run of the platform, from checks to stop:
/// (1) check what can be known before; (2) write credentials, images and static pods; (3) start the node agents, which
/// start everything else; (4) wait for the API server and the nodes; (5) deploy the sample and wait for its first
/// answer;
/// (6) hold until asked to stop; (7) stop agents, then every pod they left.
/// </summary>
internal sealed class PlatformRun(PlatformPlan plan, TimeProvider time, Progress progress)
{
    /// <summary>After this long without what it waits for, the start has failed.</summary>
    private static readonly TimeSpan StartDeadline = TimeSpan.FromMinutes(3);

    private readonly Lock _lock = new(); // guards the list below, which supervisors add to
    private readonly Dictionary<string, ProcessIdentity> _agents = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Preflight.CheckFolder(plan.Data); // (1)
        using var alone = RunLock.Take(plan.Data);
        await StopStrayAgentsAsync(cancellationToken);
        if (!PlatformTeardown.AnyPodLives(plan))
        {
            Preflight.CheckPorts(plan.ListenAddresses());
        }

        await WriteAsync(cancellationToken); // (2)
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var supervisors = plan.Nodes.Select(node => Supervisor(node).RunAsync(stop.Token)).ToList(); // (3)
        progress.Step($"{plan.Nodes.Count} node agents started");
        var start = StartAsync(stop.Token);
        try
        {
            var first = await Task.WhenAny([start, .. supervisors]);
            await first;
            await Task.WhenAll(supervisors); // (6)
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop: what follows does it.
        }
        finally
        {
            progress.Line("stopping");
            await stop.CancelAsync();
            await Settled([start, .. supervisors]);
            await PlatformTeardown.StopAllAsync(plan, CancellationToken.None); // (7)
            File.Delete(plan.Data.Record);
            progress.Line("stopped");
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        await Credentials.EnsureAsync(plan, time, cancellationToken);
        PlatformImages.Write(plan);
        if (plan.EtcdMembers.Count > 0)
        {
            MemberBook.Of(plan, MemberBook.Read(plan.Data)).Write(plan.Data);
        }

        Directory.CreateDirectory(plan.Data.Volumes);
        foreach (var node in plan.Nodes)
        {
            WriteManifests(node);
        }

        if (plan.Options.WithBank)
        {
            new SampleBank(plan, time).WriteImages();
        }

        WriteRecord(ready: false);
    }

    private void WriteManifests(NodePlan node)
    {
        var folder = plan.Data.Manifests(node.Name);
        Directory.CreateDirectory(folder);
        var wanted = StaticPods.Of(plan, node).ToDictionary(pod => Path.Combine(folder, $"{pod.Name}.yaml"));
        foreach (var stale in Directory.EnumerateFiles(folder).Where(file => !wanted.ContainsKey(file)))
        {
            File.Delete(stale);
        }

        foreach (var (file, pod) in wanted)
        {
            // A stamp that asked for a restart once must not ask for it again by being absent.
            var before = File.Exists(file) ? File.ReadAllText(file) : "";
            File.WriteAllText(file + ".next", ManifestStamp.Keep(StaticPods.Manifest(pod), before));
            File.Move(file + ".next", file, overwrite: true);
        }
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(StartDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        var readiness = new Readiness(plan, time);
        var waitingFor = "the API server";
        try
        {
            await readiness.WaitForApiAsync(either.Token); // (4)
            progress.Step($"API server ready at {string.Join(", ", plan.ApiServers.Select(server => server.Url))}");
            using var api = KubeHttp.Create(Kubeconfig.Load(plan.Data.Kubeconfig));
            waitingFor = "the nodes";
            await readiness.WaitForNodesAsync(api, either.Token);
            progress.Step($"{plan.Nodes.Count} nodes ready");
            if (plan.Options.WithBank) // (5)
            {
                waitingFor = "the bank";
                var bank = new SampleBank(plan, time);
                await bank.ApplyAsync(api, either.Token);
                progress.Step("the bank is applied");
                await readiness.WaitForDeploymentsAsync(api, "bank", either.Token);
                await bank.WaitUntilItAnswersAsync(either.Token);
                progress.Step("the bank answers through the router");
            }

            // In this order: who waits for the record to be ready then finds all of the words in the log.
            Announcement.Write(plan, progress);
            WriteRecord(ready: true);
        }
        catch (OperationCanceledException) when (
            late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new StartException(
                $"{waitingFor} did not come up within {StartDeadline.TotalSeconds:0} s",
                $"see the logs under {plan.Data.Nodes}, and 'mainstay status --data {plan.Data.Root}'");
        }
    }

    private AgentSupervisor Supervisor(NodePlan node) => new(plan, node, time, new Random())
    {
        Started = identity =>
        {
            lock (_lock)
            {
                _agents[node.Name] = identity;
            }

            WriteRecord(ready: RunRecord.Read(plan.Data)?.Ready ?? false);
        },
        Ended = progress.Line,
    };

    /// <summary>Agents of an <c>up</c> that was killed: they make way for ours, which adopt their pods.</summary>
    private async Task StopStrayAgentsAsync(CancellationToken cancellationToken)
    {
        if (RunRecord.Read(plan.Data) is { } before)
        {
            await PlatformTeardown.StopProcessesAsync(before.Agents, time, cancellationToken);
        }
    }

    private void WriteRecord(bool ready)
    {
        lock (_lock)
        {
            new RunRecord
            {
                Process = ProcessIdentity.Of(Environment.ProcessId)!, // this process is alive
                Agents = [.. _agents.Values],
                Nodes = [.. plan.Nodes.Select(node => node.Name)],
                AgentOf = new Dictionary<string, ProcessIdentity>(_agents),
                ZoneOf = plan.Nodes.ToDictionary(node => node.Name, node => node.Zone),
                Ready = ready,
                Console = $"http://{plan.Console}",
                Api = plan.ApiUrl,
                ApiServers = [.. plan.ApiServers.Select(server => server.Url)],
                Router = $"http://{plan.Router}",
                Store = plan.StoreUrls,
                HealthUrls = plan.HealthUrls(),
            }.Write(plan.Data);
        }
    }

    /// <summary>Waits for all of them and swallows how they ended: the first fault is on its way already.</summary>
    private static async Task Settled(IEnumerable<Task> tasks)
    {
        foreach (var task in tasks)
        {
            try
            {
                await task;
            }
            catch (Exception fault) when (fault is not InvariantException)
            {
                // The caller already throws the first of these.
            }
        }
    }
}
