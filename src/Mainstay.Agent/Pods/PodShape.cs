using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using k8s;
using k8s.Models;

namespace Mainstay.Agent.Pods;

internal enum RestartPolicy
{
    Always,
    OnFailure,
    Never,
}

/// <summary>What of a container matters for the order of things.</summary>
/// <param name="Hash">changes when the container must be started anew</param>
/// <param name="HasStartupProbe">until it passes, the container has not started</param>
/// <param name="HasReadinessProbe">until it passes, the container is not ready</param>
/// <param name="MustListen">true if it declares ports on an address of its own</param>
/// <param name="Fault">why it cannot be run at all, in words, or null</param>
internal sealed record ContainerShape(
    string Name,
    string Hash,
    bool HasStartupProbe = false,
    bool HasReadinessProbe = false,
    bool MustListen = false,
    string? Fault = null);

/// <summary>What of a pod matters for the order of things: the input of <see cref="PodPlan"/>.</summary>
internal sealed record PodShape(
    RestartPolicy RestartPolicy,
    TimeSpan Grace,
    TimeSpan? ActiveDeadline,
    ImmutableArray<ContainerShape> Init,
    ImmutableArray<ContainerShape> Main)
{
    private const long GraceDefaultSeconds = 30;

    public RestartPace Pace { get; init; } = RestartPace.Usual;

    public IEnumerable<ContainerShape> All => Init.Concat(Main);

    public static PodShape Of(V1Pod pod) => new(
        pod.Spec.RestartPolicy switch
        {
            "Never" => RestartPolicy.Never,
            "OnFailure" => RestartPolicy.OnFailure,
            _ => RestartPolicy.Always,
        },
        TimeSpan.FromSeconds(Math.Max(0, pod.Spec.TerminationGracePeriodSeconds ?? GraceDefaultSeconds)),
        pod.Spec.ActiveDeadlineSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        [.. (pod.Spec.InitContainers ?? []).Select(container => Of(pod, container, isInit: true))],
        [.. pod.Spec.Containers.Select(container => Of(pod, container, isInit: false))])
    {
        Pace = RestartPace.Of(pod.Spec.PriorityClassName),
    };

    private static ContainerShape Of(V1Pod pod, V1Container container, bool isInit) => new(
        container.Name,
        HashOf(container),
        HasStartupProbe: container.StartupProbe is not null,
        HasReadinessProbe: container.ReadinessProbe is not null,
        MustListen: !isInit && pod.Spec.HostNetwork != true && TcpPorts(container).Any(),
        PodFaults.Of(pod, container, isInit));

    public static IEnumerable<int> TcpPorts(V1Container container) =>
        from port in container.Ports ?? []
        where port.Protocol is null or "TCP"
        select port.ContainerPort;

    private static string HashOf(V1Container container) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(KubernetesJson.Serialize(container))))[..16];
}
