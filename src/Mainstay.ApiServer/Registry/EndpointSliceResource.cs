using System.Text.Json.Nodes;
using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.ApiServer.Registry;

/// <summary>discovery.k8s.io/v1 endpointslices.</summary>
internal static class EndpointSliceResource
{
    public static readonly ResourceType Type = new()
    {
        Group = "discovery.k8s.io",
        Version = "v1",
        Kind = "EndpointSlice",
        Plural = "endpointslices",
        Singular = "endpointslice",
        StoragePrefix = "/registry/endpointslices/",
        Schema = EndpointTypes.EndpointSlice,
        Columns = ServicePrinting.EndpointSlice,
        Strategy = new ResourceStrategy { HasGeneration = true, Validate = Check },
    };

    private static void Check(JsonObject next, JsonObject? old, FieldErrors errors)
    {
        if (old is not null)
        {
            var path = FieldPath.Root.Child("addressType");
            Schema.Immutable.Check(next["addressType"], old["addressType"], path, errors);
        }
    }
}
