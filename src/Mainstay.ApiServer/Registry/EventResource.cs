using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.ApiServer.Registry;

/// <summary>Events: one stored form, the core group's, served as v1 and as events.k8s.io/v1.</summary>
internal static class EventResource
{
    private static readonly FrozenDictionary<string, Func<JsonObject, string>> CoreFields = Selectable.By(
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
        "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "type",
        "reportingComponent")
        .And("source", value => First(value.TextIn("source", "component"), value.TextIn("reportingComponent")));

    public static readonly ResourceType Core = new()
    {
        Group = "",
        Version = "v1",
        Kind = "Event",
        Plural = "events",
        Singular = "event",
        ShortNames = ["ev"],
        StoragePrefix = "/registry/events/",
        Schema = EventTypes.CoreEvent,
        Columns = EventPrinting.Columns,
        SelectableFields = CoreFields,
        Strategy = new ResourceStrategy { AllowsCreateOnUpdate = true, Validate = EventRules.CheckCore },
    };

    public static readonly ResourceType Type = Core with
    {
        Group = "events.k8s.io",
        Schema = EventTypes.Event,
        SelectableFields = Selectable.By(
            "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid", "regarding.apiVersion",
            "regarding.resourceVersion", "regarding.fieldPath", "reason", "type", "reportingController")
            .And("involvedObject.name", value => value.TextIn("regarding", "name"))
            .And("involvedObject.namespace", value => value.TextIn("regarding", "namespace"))
            .And("involvedObject.kind", value => value.TextIn("regarding", "kind"))
            .And("involvedObject.uid", value => value.TextIn("regarding", "uid")),
        Strategy = new ResourceStrategy { AllowsCreateOnUpdate = true, Validate = EventRules.Check },
        Conversion = new StorageConversion(EventTypes.ToCore, EventTypes.FromCore),
    };

    private static string First(string one, string other) => one.Length > 0 ? one : other;
}
