using System.Text.Json.Nodes;
using static Mainstay.ApiServer.Schema.Declare;
using static Mainstay.ApiServer.Schema.Types.ReferenceTypes;

namespace Mainstay.ApiServer.Schema.Types;

/// <summary>
/// Events: what has happened to objects, in the words of the core group and in those of events.k8s.io.
/// </summary>
internal static class EventTypes
{
    private static readonly ObjectSchema EventSource = Define("api.core.v1.EventSource",
        "Who reports an event.",
        Text("component", "The part."),
        Text("host", "The node it runs on."));

    private static readonly ObjectSchema CoreSeries = Define("api.core.v1.EventSeries",
        "The same event again and again.",
        Int32("count", "How many times."),
        MicroTime("lastObservedTime", "When last."));

    private static readonly ObjectSchema Series = Define("api.events.v1.EventSeries",
        "The same event again and again.",
        Int32("count", "How many times.").Always(),
        MicroTime("lastObservedTime", "When last.").Always());

    public static readonly ObjectSchema CoreEvent = MetaTypes.Root("api.core.v1.Event",
        "Something that happened to an object.",
        One("involvedObject", ObjectReference, "The object.").Always().DefaultsTo(new JsonObject()),
        Text("reason", "What happened, in one word."),
        Text("message", "The same in a sentence."),
        One("source", EventSource, "Who reports it.").DefaultsTo(new JsonObject()),
        Time("firstTimestamp", "When it happened first."),
        Time("lastTimestamp", "When it happened last."),
        Int32("count", "How many times it happened."),
        Text("type", "Normal or Warning."),
        MicroTime("eventTime", "When it was first seen, to the microsecond."),
        One("series", CoreSeries, "How it goes on."),
        Text("action", "What was done or failed to be done."),
        One("related", ObjectReference, "A second object that has to do with it."),
        Text("reportingComponent", "The controller that reports it.").DefaultsTo(""),
        Text("reportingInstance", "Which one of them.").DefaultsTo(""));

    public static readonly ObjectSchema Event = MetaTypes.Root("api.events.v1.Event",
        "Something that happened to an object.",
        MicroTime("eventTime", "When it was first seen.").Always(),
        One("series", Series, "How it goes on."),
        Text("reportingController", "The controller that reports it."),
        Text("reportingInstance", "Which one of them."),
        Text("action", "What was done or failed to be done."),
        Text("reason", "What happened, in one word."),
        One("regarding", ObjectReference, "The object.").DefaultsTo(new JsonObject()),
        One("related", ObjectReference, "A second object that has to do with it."),
        Text("note", "What happened, in a sentence."),
        Text("type", "Normal or Warning."),
        One("deprecatedSource", EventSource, "As source in the core group.").DefaultsTo(new JsonObject()),
        Time("deprecatedFirstTimestamp", "As firstTimestamp in the core group."),
        Time("deprecatedLastTimestamp", "As lastTimestamp in the core group."),
        Int32("deprecatedCount", "As count in the core group."));

    /// <summary>The fields that have another name in the core group: (events.k8s.io, core).</summary>
    private static readonly (string New, string Core)[] Names =
    [
        ("regarding", "involvedObject"), ("note", "message"), ("reportingController", "reportingComponent"),
        ("deprecatedSource", "source"), ("deprecatedFirstTimestamp", "firstTimestamp"),
        ("deprecatedLastTimestamp", "lastTimestamp"), ("deprecatedCount", "count"),
    ];

    public static JsonObject ToCore(JsonObject value) => Rename(value, "v1", name =>
        Names.FirstOrDefault(pair => pair.New == name, (New: name, Core: name)).Core);

    public static JsonObject FromCore(JsonObject value) => Rename(value, "events.k8s.io/v1", name =>
        Names.FirstOrDefault(pair => pair.Core == name, (New: name, Core: name)).New);

    private static JsonObject Rename(JsonObject value, string groupVersion, Func<string, string> rename)
    {
        var result = new JsonObject();
        foreach (var (name, part) in value)
        {
            result[rename(name)] = part?.DeepClone();
        }

        result["apiVersion"] = groupVersion;
        return result;
    }
}
