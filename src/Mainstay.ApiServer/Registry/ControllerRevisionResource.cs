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
        Strategy = new ResourceStrategy { Validate = CheckDataKept },
    };

    private static void CheckDataKept(JsonObject next, JsonObject? old, FieldErrors errors)
    {
        if (old is not null)
        {
            Schema.Immutable.Check(next["data"], old["data"], FieldPath.Root.Child("data"), errors);
        }
    }
}
