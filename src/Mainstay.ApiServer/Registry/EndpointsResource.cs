using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.ApiServer.Registry;

/// <summary>v1 endpoints.</summary>
internal static class EndpointsResource
{
    public static readonly ResourceType Type = new()
    {
        Group = "",
        Version = "v1",
        Kind = "Endpoints",
        Plural = "endpoints",
        Singular = "endpoints",
        ShortNames = ["ep"],
        StoragePrefix = "/registry/services/endpoints/",
        Schema = EndpointTypes.Endpoints,
        Columns = ServicePrinting.Endpoints,
        Strategy = new ResourceStrategy { Name = NameRules.Subdomain, AllowsCreateOnUpdate = true },
    };
}
