using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.ApiServer.Registry;

/// <summary>What makes sense as an event. Pure.</summary>
internal static class EventRules
{
    private const int WordMax = 128;
    private const int NoteMax = 1024;

    public static void CheckCore(JsonObject next, JsonObject? old, FieldErrors errors)
    {
        var about = next.TextIn("involvedObject", "namespace");
        var own = next.TextIn("metadata", "namespace");
        var isOfCluster = about.Length == 0;
        if (next.TextIn("eventTime").Length == 0)
        {
            if (isOfCluster ? own is not ("" or "default") : own != about)
            {
                errors.Invalid(Path("involvedObject").Child("namespace"), about, "does not match event.namespace");
            }

            return;
        }

        if (isOfCluster && own is not ("default" or "kube-system"))
        {
            errors.Invalid(Path("involvedObject").Child("namespace"), about, "does not match event.namespace");
        }

        var controller = next.TextIn("reportingComponent");
        if (controller.Length == 0)
        {
            errors.Required(Path("reportingController"));
        }

        foreach (var fault in NameRules.IsQualified(controller))
        {
            errors.Invalid(Path("reportingController"), controller, fault);
        }

        foreach (var name in (ReadOnlySpan<string>)["reportingInstance", "action", "reason"])
        {
            CheckWord(next, name, errors);
        }

        if (next.TextIn("message").Length > NoteMax)
        {
            errors.Invalid(Path("message"), "", $"can have at most {NoteMax} characters");
        }
    }

    public static void Check(JsonObject next, JsonObject? old, FieldErrors errors)
    {
        var core = EventTypes.ToCore(next);
        CheckCore(core, null, errors);
        if (next["series"] is JsonObject series && (series.NumberAt("count") ?? 0) < 2)
        {
            errors.Invalid(Path("series.count"), "", "should be at least 2");
        }

        if (old is not null)
        {
            return;
        }

        if (next.TextIn("eventTime").Length == 0)
        {
            errors.Required(Path("eventTime"));
        }

        if (next.TextIn("type") is not ("Normal" or "Warning"))
        {
            errors.Invalid(Path("type"), "", $"has invalid value: {next.TextIn("type")}");
        }

        foreach (var name in (ReadOnlySpan<string>)["firstTimestamp", "lastTimestamp", "count"])
        {
            if (core[name] is not null)
            {
                errors.Invalid(Path(name), "", "needs to be unset");
            }
        }
    }

    private static void CheckWord(JsonObject value, string name, FieldErrors errors)
    {
        var word = value.TextIn(name);
        if (word.Length == 0)
        {
            errors.Required(Path(name));
        }
        else if (word.Length > WordMax)
        {
            errors.Invalid(Path(name), "", $"can have at most {WordMax} characters");
        }
    }

    private static FieldPath Path(string name) => FieldPath.Root.Child(name);
}
