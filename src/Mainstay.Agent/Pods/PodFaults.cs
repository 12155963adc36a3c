using k8s.Models;

namespace Mainstay.Agent.Pods;

/// <summary>
/// What a pod may ask of Kubernetes that processes on a shared network cannot give. Said plainly, as the reason for
/// which the container waits, rather than left out in silence.
/// </summary>
internal static class PodFaults
{
    public static string? Of(V1Pod pod, V1Container container, bool isInit)
    {
        if (isInit && container.RestartPolicy == "Always")
        {
            return $"init container \"{container.Name}\" has restartPolicy Always: "
                + "sidecar init containers are not supported";
        }

        foreach (var (kind, probe) in Probes(container))
        {
            if (probe is not null && probe.HttpGet is null && probe.TcpSocket is null && probe.Exec is null)
            {
                return $"container \"{container.Name}\" has a {kind} with neither httpGet, tcpSocket nor exec: "
                    + "gRPC probes are not supported";
            }
        }

        foreach (var mount in container.VolumeMounts ?? [])
        {
            if (pod.Spec.Volumes?.FirstOrDefault(candidate => candidate.Name == mount.Name) is not { } volume)
            {
                return $"container \"{container.Name}\" mounts volume \"{mount.Name}\", which the pod does not have";
            }

            if (!IsSupported(volume))
            {
                return $"volume \"{volume.Name}\" has a type that is not supported: there are "
                    + "emptyDir, hostPath, configMap, secret, downwardAPI, projected";
            }
        }

        return null;
    }

    private static IEnumerable<(string Kind, V1Probe? Probe)> Probes(V1Container container) =>
    [
        ("livenessProbe", container.LivenessProbe),
        ("readinessProbe", container.ReadinessProbe),
        ("startupProbe", container.StartupProbe),
    ];

    private static bool IsSupported(V1Volume volume) =>
        volume.EmptyDir is not null || volume.HostPath is not null || volume.ConfigMap is not null
        || volume.Secret is not null || volume.DownwardAPI is not null || volume.Projected is not null;
}
