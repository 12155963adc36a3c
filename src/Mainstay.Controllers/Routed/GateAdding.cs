using System.Text.Json.Nodes;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Controllers.Routed;

/// <summary>
/// Puts the gate into pods as they are made. The template stays as its author wrote it, so that neither its hash nor
/// its history tells of the gate, and switching it starts no rollout. The platform's own namespace is left out: a
/// router must not wait for routers.
/// </summary>
internal sealed class GateAdding(ClusterCaches caches, bool isOn)
{
    private const string PlatformNamespace = "kube-system";

    /// <summary>Adds it, unless the template has it already or somebody said <c>off</c>.</summary>
    /// <param name="pod">about to be created</param>
    /// <param name="owner">its replica set or daemon set</param>
    public CreateObject AddTo(CreateObject pod, V1ObjectMeta owner)
    {
        if (!isOn || IsOff(pod, owner) || pod.Body["spec"] is not JsonObject spec)
        {
            return pod;
        }
        if (spec["readinessGates"] is not JsonArray gates)
        {
            spec["readinessGates"] = gates = [];
        }
        if (!gates.Any(gate => gate?["conditionType"]?.ToString() == RoutedGate.ConditionType))
        {
            gates.Add(new JsonObject { ["conditionType"] = RoutedGate.ConditionType });
        }
        return pod;
    }

    private bool IsOff(CreateObject pod, V1ObjectMeta owner) =>
        pod.Key.Namespace == PlatformNamespace
        || pod.Body["metadata"]?["annotations"]?[RoutedGate.SwitchAnnotation]?.ToString() == "off"
        || RoutedGate.IsSaid(caches, owner, (RoutedGate.SwitchAnnotation, "off"))
        || RoutedGate.IsSaid(caches, caches.Namespaces.Find(new ObjectKey("", pod.Key.Namespace)),
            (RoutedGate.SwitchAnnotation, "off"));
}
