using k8s.Models;

namespace Mainstay.Agent.Manifests;

/// <summary>
/// A static pod whose next version is started beside it, and that is stopped once that one is ready. It must be able to
/// share its addresses: a router can.
/// </summary>
internal static class StaticSurge
{
    public const string Annotation = "mainstay.dev/surge";

    public static bool IsAsked(V1Pod pod) =>
        pod.Metadata.Annotations?.TryGetValue(Annotation, out var value) == true && value == "true";
}
