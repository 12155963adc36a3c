using System.Text.Json.Nodes;

namespace Mainstay.Controllers.Core;

/// <summary>Status objects as patches.</summary>
internal static class Status
{
    /// <summary>A merge patch of the status subresource, bound to this very object.</summary>
    public static PatchObject Patch(KubeKind kind, k8s.Models.V1ObjectMeta meta, JsonObject status) =>
        new(kind, meta.Key(), new JsonObject
        {
            ["metadata"] = Ownership.Precondition(meta),
            ["status"] = status,
        })
        {
            Subresource = "status",
        };
}
