using System.Collections.Immutable;
using System.Text.Json.Nodes;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Controllers.Endpoints;

/// <summary>A port of a service as one pod has it: a named target port can be another number in another pod.</summary>
internal readonly record struct ResolvedPort(string Name, string Protocol, int Number, string? AppProtocol);

/// <summary>A pod behind a service.</summary>
internal sealed record ServicePod(V1Pod Pod, string Address, ImmutableArray<ResolvedPort> Ports)
{
    /// <summary>May be sent calls.</summary>
    public bool Ready { get; init; }

    /// <summary>Could be sent calls, were it not on its way out.</summary>
    public bool Serving { get; init; }

    public bool Terminating { get; init; }

    public string Node => Pod.Spec.NodeName ?? "";

    public JsonObject TargetReference() => new()
    {
        ["kind"] = "Pod",
        ["namespace"] = Pod.Metadata.NamespaceProperty,
        ["name"] = Pod.Metadata.Name,
        ["uid"] = Pod.Metadata.Uid,
    };
}

/// <summary>Which pods stand behind a service, and whether they may be sent calls.</summary>
internal static class ServicePods
{
    public static ImmutableArray<ServicePod> Behind(V1Service service, IEnumerable<V1Pod> pods)
    {
        var selector = LabelSelector.FromMap(service.Spec.Selector);
        return [.. pods.Where(p => selector.Matches(p.Metadata.Labels.AsReadOnly())).Select(p => Look(service, p))
            .OfType<ServicePod>().OrderBy(p => p.Pod.Metadata.Name, StringComparer.Ordinal)];
    }

    /// <summary>A service without a selector is looked after by somebody else, and one that is a name only has no
    /// pods.</summary>
    public static bool AreOurs(V1Service service) =>
        service.Spec is { Selector.Count: > 0 } && service.Spec.Type != "ExternalName"
            && service.Metadata.DeletionTimestamp is null;

    private static ServicePod? Look(V1Service service, V1Pod pod)
    {
        if (pod.Status is not { PodIP: { Length: > 0 } address } || pod.Status.Phase is "Succeeded" or "Failed")
        {
            return null;
        }
        var terminating = pod.Metadata.DeletionTimestamp is not null;
        var serving = service.Spec.PublishNotReadyAddresses == true || pod.IsReady();
        var ports = (service.Spec.Ports ?? []).Select(p => Resolve(p, pod)).OfType<ResolvedPort>().ToImmutableArray();
        if (ports.IsEmpty && service.Spec.Ports is { Count: > 0 })
        {
            return null;
        }
        return new ServicePod(pod, address, ports)
        {
            // Somebody who publishes what is not ready wants what is terminating too; Kubernetes says so as well.
            Ready = serving && (!terminating || service.Spec.PublishNotReadyAddresses == true),
            Serving = serving,
            Terminating = terminating,
        };
    }

    /// <summary>Null where the pod has no port of that name: such a pod is left out of that port alone.</summary>
    private static ResolvedPort? Resolve(V1ServicePort port, V1Pod pod)
    {
        var target = port.TargetPort?.Value ?? "";
        var protocol = port.Protocol ?? "TCP";
        int? number = target.Length == 0 ? port.Port : int.TryParse(target, out var given) ? given
            : (pod.Spec.Containers ?? []).SelectMany(c => c.Ports ?? [])
                .FirstOrDefault(p => p.Name == target && (p.Protocol ?? "TCP") == protocol)?.ContainerPort;
        // 0 is what an absent target port looks like on some servers.
        number = number == 0 ? port.Port : number;
        return number is { } known ? new ResolvedPort(port.Name ?? "", protocol, known, port.AppProtocol) : null;
    }
}
