using System.Text.Json.Nodes;
using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.ApiServer.Registry;

/// <summary>apps/v1 controllerrevisions: the history of daemon sets.</summary>
internal static class ControllerRevisionResource
{
    public static readonly ResourceType Type = new()
    {
        Group = "apps",
        Version = "v1",
        Kind = "ControllerRevision",
        Plural = "controllerrevisions",
        Singular = "controllerrevision",
        StoragePrefix = "/registry/controllerrevisions/",
        Schema = AppsTypes.ControllerRevision,
        Columns = WorkloadPrinting.ControllerRevision,
        Strategy = new ResourceStrategy { Validate = CheckData },
    };

    private static void CheckData(JsonObject next, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Root.Child("data");
        if (next["data"] is null)
        {
            errors.Required(path, "data is mandatory");
        }

        if (old is not null)
        {
            Schema.Immutable.Check(next["data"], old["data"], path, errors);
        }
    }
}
