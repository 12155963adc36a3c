using System.Collections.Immutable;
using Mainstay.Agent.Api;
using Mainstay.Agent.Images;
using Mainstay.Agent.Logs;
using Mainstay.Agent.Manifests;
using Mainstay.Agent.Pods;
using Mainstay.Agent.Processes;
using Mainstay.Agent.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mainstay.Agent.Proof;

/// <summary>
/// <c>mainstay node ... --prove</c>: an agent that starts nothing and takes nothing. It holds no lock, listens nowhere
/// and speaks with no API server; it rehearses a start, starts one harmless program as it would start a container, and
/// ends.
/// </summary>
internal sealed class ThrowAwayAgent(NodeAgentOptions options, TimeProvider time)
{
    private const string Harmless = "true";

    public async Task<ImmutableArray<ProofRun>> RunAsync(CancellationToken cancellationToken)
    {
        var scratch = Directory.CreateTempSubdirectory("mainstay-rehearsal-").FullName;
        try
        {
            var state = Path.Combine(Path.GetFullPath(options.DataFolder), "state");
            using var nowhere = new ApiConnection(null, time, NullLogger.Instance);
            var configs = new ConfigReader(nowhere, Path.Combine(state, "configs"), NullLogger.Instance);
            var starter = new ContainerStarter(new StarterTools(new ImageStore(options.ImagesFolder),
                new OfflineConfigs(configs), Path.GetFullPath(options.VolumesFolder), options.HostEnvironment)
            {
                IsRehearsal = true,
            });
            var manifests = options.ManifestsFolder is { } folder ? Path.GetFullPath(folder) : null;
            var runs = await new Rehearsal(new RehearsalTools(
                new PodFolder(state),
                new StaticPods(new StaticPodsOptions(manifests, options.Name), time, NullLogger.Instance),
                starter, scratch)
            {
                NodeName = options.Name,
                HostIp = options.Address,
                Time = time,
            }).RunAsync(cancellationToken);
            return await WhyNoProcessAsync(scratch, cancellationToken) is not { } fault ? runs
                : [.. runs.Select(run => run with
                {
                    Missing = run.Missing.Add(new Missing(options.Name, "", fault, RunsNow: true)),
                })];
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>Image, volumes and words were looked at; this is for the kernel's own yes, and for the log.</summary>
    private async Task<string?> WhyNoProcessAsync(string scratch, CancellationToken cancellationToken)
    {
        var path = options.HostEnvironment.GetValueOrDefault("PATH", "/usr/bin:/bin");
        if (ExecutablePath.Find(Harmless, scratch, path) is not { } program)
        {
            // A machine without it says nothing about containers.
            return null;
        }

        using var exits = new ExitWatcher();
        try
        {
            var log = LogFiles.Prepare(scratch, Harmless, 0);
            var pid = PosixSpawn.Start(new SpawnRequest(program, [Harmless],
                [.. options.HostEnvironment.Select(pair => $"{pair.Key}={pair.Value}")], scratch, log));
            var leader = ProcFs.Identify(pid) ?? new ProcessIdentity(pid, 0, ProcFs.BootId);
            var exit = await exits.Watch(new Session(leader, Mark: "")).WaitAsync(
                Limits.ProofProcess, time, cancellationToken);
            return exit.ShellCode is null or 0 ? null : $"a process was started and ended with {exit.ShellCode}";
        }
        catch (Exception e) when (e is SpawnException or IOException or TimeoutException)
        {
            return $"no process can be started: {e.Message}";
        }
    }
}
