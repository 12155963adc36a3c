using System.Text.Json.Nodes;
using static Mainstay.ApiServer.Schema.Declare;

namespace Mainstay.ApiServer.Schema.Types;

/// <summary>Where a pod may, should and must not run.</summary>
internal static class SchedulingTypes
{
    private static readonly ValueCheck Weight = Checks.Between(1, 100);

    private static readonly ObjectSchema NodeSelectorRequirement = Define("api.core.v1.NodeSelectorRequirement",
        "One condition on a node.",
        Text("key", "The label, or the field.").Always(),
        Text("operator", "In, NotIn, Exists, DoesNotExist, Gt or Lt.").InGo("v1.NodeSelectorOperator").Always(),
        Texts("values", "What the operator compares with."))
        .CheckedBy(CheckNodeTerm);

    private static readonly ObjectSchema NodeSelectorTerm = Define("api.core.v1.NodeSelectorTerm",
        "Conditions on a node, all of which must hold.",
        Many("matchExpressions", NodeSelectorRequirement, "Conditions on its labels."),
        Many("matchFields", NodeSelectorRequirement, "Conditions on its fields."));

    private static readonly ObjectSchema NodeSelector = Define("api.core.v1.NodeSelector",
        "Nodes that meet at least one of the terms.",
        Many("nodeSelectorTerms", NodeSelectorTerm, "The terms.").Always());

    private static readonly ObjectSchema PreferredSchedulingTerm = Define("api.core.v1.PreferredSchedulingTerm",
        "Nodes that are liked, and how much.",
        Int32("weight", "How much, from 1 to 100.").Always().CheckedBy(Weight),
        One("preference", NodeSelectorTerm, "The nodes.").Always());

    private static readonly ObjectSchema NodeAffinity = Define("api.core.v1.NodeAffinity",
        "Which nodes a pod may run on.",
        One("requiredDuringSchedulingIgnoredDuringExecution", NodeSelector, "Only these."),
        Many("preferredDuringSchedulingIgnoredDuringExecution", PreferredSchedulingTerm, "Rather these."));

    private static readonly ObjectSchema PodAffinityTerm = Define("api.core.v1.PodAffinityTerm",
        "Pods, and the area within which they count as near.",
        One("labelSelector", MetaTypes.LabelSelector, "The pods."),
        Texts("namespaces", "Their namespaces; this pod's where there are none."),
        Text("topologyKey", "The label of nodes whose value makes the area.").Required().CheckedBy(Checks.Qualified),
        One("namespaceSelector", MetaTypes.LabelSelector, "Their namespaces, by labels."),
        Texts("matchLabelKeys", "Labels whose value the pods must share with this one."),
        Texts("mismatchLabelKeys", "Labels whose value the pods must not share with this one."));

    private static readonly ObjectSchema WeightedPodAffinityTerm = Define("api.core.v1.WeightedPodAffinityTerm",
        "Pods that are liked as neighbours, and how much.",
        Int32("weight", "How much, from 1 to 100.").Always().CheckedBy(Weight),
        One("podAffinityTerm", PodAffinityTerm, "The pods.").Always());

    private static readonly ObjectSchema PodAffinity = Define("api.core.v1.PodAffinity",
        "Which pods to run near to.",
        Many("requiredDuringSchedulingIgnoredDuringExecution", PodAffinityTerm, "Only near to these."),
        Many("preferredDuringSchedulingIgnoredDuringExecution", WeightedPodAffinityTerm, "Rather near to these."));

    private static readonly ObjectSchema PodAntiAffinity = Define("api.core.v1.PodAntiAffinity",
        "Which pods to run far from.",
        Many("requiredDuringSchedulingIgnoredDuringExecution", PodAffinityTerm, "Never near to these."),
        Many("preferredDuringSchedulingIgnoredDuringExecution", WeightedPodAffinityTerm, "Rather not near to these."));

    public static readonly ObjectSchema Affinity = Define("api.core.v1.Affinity",
        "Which nodes and neighbours a pod wants.",
        One("nodeAffinity", NodeAffinity, "The nodes."),
        One("podAffinity", PodAffinity, "The neighbours."),
        One("podAntiAffinity", PodAntiAffinity, "The neighbours it does not want."));

    public static readonly ObjectSchema Toleration = Define("api.core.v1.Toleration",
        "Lets a pod run on nodes with a taint.",
        Text("key", "The key of the taint; empty for all.").CheckedBy(Checks.Qualified),
        Text("operator", "Equal, or Exists for any value.").InGo("v1.TolerationOperator").OneOf("Equal", "Exists"),
        Text("value", "The value of the taint."),
        Text("effect", "The effect of the taint; empty for all.").InGo("v1.TaintEffect")
            .OneOf("NoSchedule", "PreferNoSchedule", "NoExecute"),
        Int64("tolerationSeconds", "With NoExecute: the seconds it may stay; for ever where there are none."))
        .CheckedBy(CheckToleration);

    public static readonly ObjectSchema TopologySpreadConstraint = Define("api.core.v1.TopologySpreadConstraint",
        "How evenly pods spread over areas.",
        Int32("maxSkew", "The most by which one area may have more than another.").Always(),
        Text("topologyKey", "The label of nodes whose value makes the area.").Required(),
        Text("whenUnsatisfiable", "DoNotSchedule, or ScheduleAnyway as well as it can be done.")
            .InGo("v1.UnsatisfiableConstraintAction").Required().OneOf("DoNotSchedule", "ScheduleAnyway"),
        One("labelSelector", MetaTypes.LabelSelector, "The pods that count."),
        Int32("minDomains", "The least number of areas."),
        Text("nodeAffinityPolicy", "Honor or Ignore the pod's node affinity.").InGo("v1.NodeInclusionPolicy"),
        Text("nodeTaintsPolicy", "Honor or Ignore taints.").InGo("v1.NodeInclusionPolicy"),
        Texts("matchLabelKeys", "Labels whose value the pods must share with this one."))
        .CheckedBy(CheckSpread);

    private static void CheckNodeTerm(JsonObject term, FieldPath path, FieldErrors errors)
    {
        var count = term.ListAt("values")?.Count ?? 0;
        switch (term.TextIn("operator"))
        {
            case "In" or "NotIn" when count == 0:
                errors.Required(path.Child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
                break;
            case "Exists" or "DoesNotExist" when count > 0:
                errors.Forbidden(path.Child("values"),
                    "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                break;
            case "Gt" or "Lt" when count != 1:
                errors.Required(path.Child("values"), "must be specified single value when `operator` is 'Lt' or 'Gt'");
                break;
            case "In" or "NotIn" or "Exists" or "DoesNotExist" or "Gt" or "Lt":
                break;
            default:
                errors.Invalid(path.Child("operator"), term.TextIn("operator"), "not a valid selector operator");
                break;
        }
    }

    private static void CheckToleration(JsonObject value, FieldPath path, FieldErrors errors)
    {
        var @operator = value.TextIn("operator");
        if (value.TextIn("key").Length == 0 && @operator != "Exists")
        {
            errors.Invalid(path.Child("operator"), @operator,
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        }

        if (value["tolerationSeconds"] is not null && value.TextIn("effect") != "NoExecute")
        {
            errors.Invalid(path.Child("effect"), value.TextIn("effect"),
                "effect must be 'NoExecute' when `tolerationSeconds` is set");
        }

        if (@operator == "Exists" && value.TextIn("value").Length > 0)
        {
            errors.Invalid(path.Child("operator"), value, "value must be empty when `operator` is 'Exists'");
        }
    }

    private static void CheckSpread(JsonObject value, FieldPath path, FieldErrors errors)
    {
        if ((value.NumberAt("maxSkew") ?? 0) <= 0)
        {
            errors.Invalid(path.Child("maxSkew"), value.NumberAt("maxSkew") ?? 0, "must be greater than zero");
        }
    }
}
