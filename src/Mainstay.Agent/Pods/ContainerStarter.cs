using k8s.Models;
using Mainstay.Agent.Environments;
using Mainstay.Agent.Images;
using Mainstay.Agent.Logs;
using Mainstay.Agent.Processes;
using Mainstay.Agent.Volumes;

namespace Mainstay.Agent.Pods;

/// <summary>What of the node a container's process is made from.</summary>
/// <param name="VolumesFolder">where hostPath /x is x</param>
/// <param name="Environment">PATH, HOME and the like</param>
internal sealed record StarterTools(
    ImageStore Images,
    IConfigSource Configs,
    string VolumesFolder,
    IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Nothing outside the pod's own folder is made or changed.</summary>
    public bool IsRehearsal { get; init; }
}

/// <summary>A process that was started.</summary>
internal sealed record StartedContainer(ProcessIdentity Process, string ImageId);

/// <summary>Turns a container of a pod into a process: image, volumes, environment, command, log, spawn.</summary>
internal sealed class ContainerStarter(StarterTools tools)
{
    /// <param name="place">the pod</param>
    /// <param name="container">one of its containers</param>
    /// <param name="start">the folder of the pod's logs and volumes, and which start this is</param>
    /// <param name="cancellationToken">ends the wait for ConfigMaps and Secrets</param>
    /// <exception cref="ContainerStartException">why not, for the pod's status</exception>
    public async Task<StartedContainer> StartAsync(
        PodPlace place, V1Container container, ContainerStart start, CancellationToken cancellationToken)
    {
        var (request, imageId) = await PrepareAsync(place, container, start, cancellationToken);
        return new StartedContainer(Spawn(request), imageId);
    }

    /// <summary>All of a start but the process: what can be missing is missed here.</summary>
    /// <param name="place">the pod</param>
    /// <param name="container">one of its containers</param>
    /// <param name="start">the folder of the pod's logs and volumes, and which start this is</param>
    /// <param name="cancellationToken">ends the wait for ConfigMaps and Secrets</param>
    /// <exception cref="ContainerStartException">why not, for the pod's status</exception>
    public async Task<(SpawnRequest Request, string ImageId)> PrepareAsync(
        PodPlace place, V1Container container, ContainerStart start, CancellationToken cancellationToken)
    {
        var image = tools.Images.Resolve(container.Image ?? "", out var fault)
            ?? throw new ContainerStartException(fault?.Reason ?? "ErrImagePull", fault?.Message ?? "no image");
        var volumes = new PodVolumes(
            place, Path.Combine(start.PodFolder, "volumes"), tools.VolumesFolder, tools.Configs)
        {
            IsRehearsal = tools.IsRehearsal,
        };
        var mounts = await volumes.PrepareAsync(container, cancellationToken);
        var layers = new EnvironmentLayers(tools.Environment, image.Env, [.. Always(place, start), .. mounts]);
        var environment = await new ContainerEnvironment(place, tools.Configs)
            .BuildAsync(container, layers, cancellationToken);
        var command = CommandOf(container, image, environment);
        var folder = container.WorkingDir is { Length: > 0 } given
            ? Path.GetFullPath(given, image.Folder) : image.WorkingDirectory;
        if (!Directory.Exists(folder))
        {
            throw new ContainerStartException("RunContainerError", $"working directory {folder} does not exist");
        }

        var executable = ExecutablePath.Find(command[0], image.Folder, environment.GetValueOrDefault("PATH", ""))
            ?? throw new ContainerStartException(
                "RunContainerError", $"there is no program {command[0]}, neither in {image.Folder} nor along PATH");
        var log = LogFiles.Prepare(start.PodFolder, container.Name, start.Attempt);
        var request = new SpawnRequest(
            executable, command, [.. environment.Select(pair => $"{pair.Key}={pair.Value}")], folder, log);
        return (request, image.Id);
    }

    private static ProcessIdentity Spawn(SpawnRequest request)
    {
        try
        {
            var pid = PosixSpawn.Start(request);
            return ProcFs.Identify(pid)
                ?? throw new ContainerStartException("RunContainerError", $"process {pid} is not in /proc");
        }
        catch (SpawnException e)
        {
            throw new ContainerStartException("RunContainerError", e.Message);
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Always(PodPlace place, ContainerStart start) =>
    [
        new("POD_IP", place.Ip),
        new("POD_NAME", place.Pod.Metadata.Name),
        new("POD_NAMESPACE", place.Pod.Metadata.NamespaceProperty ?? "default"),
        new("NODE_NAME", place.NodeName),
        new("HOSTNAME", place.Pod.Metadata.Name),
        new(Session.MarkName, start.ContainerId),
    ];

    /// <summary>
    /// command and args replace entrypoint and cmd as Kubernetes does it: a command alone drops the image's cmd.
    /// </summary>
    internal static IReadOnlyList<string> CommandOf(
        V1Container container, Image image, IReadOnlyDictionary<string, string> environment)
    {
        var hasCommand = container.Command is { Count: > 0 };
        var hasArguments = container.Args is { Count: > 0 };
        IEnumerable<string> program = hasCommand ? container.Command : image.Entrypoint;
        IEnumerable<string> arguments = hasArguments ? container.Args : hasCommand ? [] : image.Cmd;
        var words = program.Concat(arguments).Select(word => VariableExpansion.Expand(word, environment)).ToList();
        return words is [{ Length: > 0 }, ..]
            ? words
            : throw new ContainerStartException(
                "RunContainerError", "neither the container nor the image has a command");
    }
}

/// <param name="PodFolder">where the pod's logs and volumes lie</param>
/// <param name="ContainerId">UID/CONTAINER/ATTEMPT: the mark of the process</param>
internal sealed record ContainerStart(string PodFolder, string ContainerId, int Attempt);
