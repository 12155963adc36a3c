using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.ApiServer.Registry;

/// <summary>apps/v1 deployments.</summary>
internal static class DeploymentResource
{
    public static readonly ResourceType Type = new()
    {
        Group = "apps",
        Version = "v1",
        Kind = "Deployment",
        Plural = "deployments",
        Singular = "deployment",
        ShortNames = ["deploy"],
        Categories = ["all"],
        HasStatus = true,
        HasScale = true,
        StoragePrefix = "/registry/deployments/",
        Schema = AppsTypes.Deployment,
        Columns = WorkloadPrinting.Deployment,
        Strategy = WorkloadStrategy.Create() with { GenerationCountsAnnotations = true },
    };
}
