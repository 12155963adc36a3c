using static Mainstay.ApiServer.Schema.Declare;

namespace Mainstay.ApiServer.Schema.Types;

/// <summary>What every object carries.</summary>
internal static class MetaTypes
{
    private const string Meta = "apimachinery.pkg.apis.meta.v1.";

    public static readonly ObjectSchema ManagedFieldsEntry = Define(Meta + "ManagedFieldsEntry",
        "Which fields one writer has set, and when.",
        Text("manager", "The writer."),
        Text("operation", "How it wrote: Apply or Update."),
        Text("apiVersion", "The version of the object it wrote in."),
        Time("time", "When it wrote last."),
        Text("fieldsType", "The format of fieldsV1: always FieldsV1."),
        Any("fieldsV1", "The fields, as a tree."),
        Text("subresource", "The subresource it wrote through, if any."));

    public static readonly ObjectSchema OwnerReference = Define(Meta + "OwnerReference",
        "An object of the same namespace that this one belongs to and dies with.",
        Text("apiVersion", "The group and version of the owner.").Always(),
        Text("kind", "The kind of the owner.").Always(),
        Text("name", "The name of the owner.").Always(),
        Text("uid", "The uid of the owner.").InGo("types.UID").Always(),
        Flag("controller", "True for the one owner that manages this object."),
        Flag("blockOwnerDeletion", "True if the owner, deleted in the foreground, waits for this object to go."));

    public static readonly ObjectSchema ObjectMeta = Define(Meta + "ObjectMeta",
        "Who an object is, and what the system knows of its life.",
        Text("name", "Unique among the objects of its kind in the namespace; cannot be changed."),
        Text("generateName", "A prefix: where there is no name, the server makes one that starts like this."),
        Text("namespace", "The space in which the name is unique; stays. Empty for objects of the cluster."),
        Text("selfLink", "No longer set."),
        Text("uid", "Unique in time and space; set by the server.").InGo("types.UID"),
        Text("resourceVersion", "Changes with each write; given back, keeps an update from overwriting a newer one."),
        Int64("generation", "Counts the changes of what is desired; set by the server."),
        Time("creationTimestamp", "When the object was created; set by the server."),
        Time("deletionTimestamp", "When the object is to be gone; set by the server once its deletion is asked for."),
        Int64("deletionGracePeriodSeconds", "The seconds it was given to end; set with deletionTimestamp."),
        TextMap("labels", "Keys and values to find and group objects by; selectors read them."),
        TextMap("annotations", "Keys and values that tools keep with the object; nothing selects by them."),
        Many("ownerReferences", OwnerReference, "The objects this one belongs to; once all are gone it is deleted.")
            .MergeBy("uid"),
        Texts("finalizers", "Each must be taken away by whoever put it there before the object goes.").MergedAsSet(),
        Text("clusterName", "Not used."),
        Many("managedFields", ManagedFieldsEntry, "Which writer set which fields."));

    public static readonly ObjectSchema LabelSelectorRequirement = Define(Meta + "LabelSelectorRequirement",
        "One condition on a label.",
        Text("key", "The key of the label.").Always(),
        Text("operator", "In, NotIn, Exists or DoesNotExist.").InGo("v1.LabelSelectorOperator").Always(),
        Texts("values", "What In and NotIn compare with."));

    public static readonly ObjectSchema LabelSelector = Define(Meta + "LabelSelector",
        "Chooses objects by their labels; all conditions must hold, and none means every object.",
        TextMap("matchLabels", "Labels that must be there with just these values."),
        Many("matchExpressions", LabelSelectorRequirement, "Further conditions."))
        .CheckedBy(LabelRules.CheckSelector);

    public static readonly ObjectSchema Condition = Define(Meta + "Condition",
        "One aspect of the state of an object.",
        Text("type", "The aspect.").Always(),
        Text("status", "True, False or Unknown.").InGo("v1.ConditionStatus").Always(),
        Int64("observedGeneration", "The generation of the object that this was said of."),
        Time("lastTransitionTime", "When the status last changed.").Always(),
        Text("reason", "One word for why.").Always(),
        Text("message", "The same in a sentence.").Always());

    public static readonly ObjectSchema ListMeta = Define(Meta + "ListMeta",
        "What a list says of itself.",
        Text("selfLink", "No longer set."),
        Text("resourceVersion", "The state of the store that the list shows; a watch can start from it."),
        Text("continue", "Given back with the same query, brings the next part of the list."),
        Int64("remainingItemCount", "How many items come after this part."));

    public static readonly ObjectSchema Preconditions = Define(Meta + "Preconditions",
        "What must still hold for a deletion to happen.",
        Text("uid", "The uid the object must have.").InGo("types.UID"),
        Text("resourceVersion", "The version the object must have."));

    public static readonly ObjectSchema DeleteOptions = Define(Meta + "DeleteOptions",
        "How to delete.",
        Int64("gracePeriodSeconds", "The seconds the object is given to end; 0 means at once."),
        One("preconditions", Preconditions, "What must still hold."),
        Flag("orphanDependents", "Superseded by propagationPolicy."),
        Text("propagationPolicy", "What happens to what the object owns: Orphan, Background or Foreground.")
            .InGo("v1.DeletionPropagation"),
        Texts("dryRun", "All: do everything but write."));

    private static readonly ObjectSchema StatusCause = Define(Meta + "StatusCause",
        "One thing that is wrong.",
        Text("reason", "One word for what."),
        Text("message", "The same in a sentence."),
        Text("field", "The field it is about."));

    private static readonly ObjectSchema StatusDetails = Define(Meta + "StatusDetails",
        "What a status is about.",
        Text("name", "The object."),
        Text("group", "Its group."),
        Text("kind", "Its kind."),
        Text("uid", "Its uid."),
        Many("causes", StatusCause, "All that is wrong."),
        Int32("retryAfterSeconds", "The seconds to wait before another try."));

    public static readonly ObjectSchema Status = Define(Meta + "Status",
        "How a call went, where the answer is no object.",
        Text("apiVersion", "The group and version of the schema that the object is written in."),
        Text("kind", "The kind of the object."),
        One("metadata", ListMeta, "Not much."),
        Text("status", "Success or Failure."),
        Text("message", "What went wrong, for people."),
        Text("reason", "What went wrong, for programs."),
        One("details", StatusDetails, "What it is about."),
        Int32("code", "The HTTP status."));

    private static readonly Field[] HeadFields =
    [
        Text("apiVersion", "The group and version of the schema that the object is written in."),
        Text("kind", "The kind of the object."),
        One("metadata", ObjectMeta, "Who the object is.").DefaultsTo(new System.Text.Json.Nodes.JsonObject()),
    ];

    /// <summary>A kind: the head that all have, and the fields of its own.</summary>
    public static ObjectSchema Root(string name, string description, params ReadOnlySpan<Field> fields) =>
        Define(name, description, [.. HeadFields, .. fields]);
}
