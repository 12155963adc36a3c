using System.Text.Json.Nodes;
using static Mainstay.ApiServer.Schema.Declare;

namespace Mainstay.ApiServer.Schema.Types;

/// <summary>Namespaces: the spaces in which names are unique.</summary>
internal static class NamespaceTypes
{
    private static readonly ObjectSchema NamespaceCondition = Define("api.core.v1.NamespaceCondition",
        "One aspect of the end of a namespace.",
        Text("type", "The aspect.").InGo("v1.NamespaceConditionType").Always(),
        Text("status", "True, False or Unknown.").InGo("v1.ConditionStatus").Always(),
        Time("lastTransitionTime", "When the status last changed."),
        Text("reason", "One word for why."),
        Text("message", "The same in a sentence."));

    private static readonly ObjectSchema NamespaceSpec = Define("api.core.v1.NamespaceSpec",
        "What holds a namespace back from going.",
        Texts("finalizers", "Each must be taken away before the namespace goes.").InGo("v1.FinalizerName"));

    private static readonly ObjectSchema NamespaceStatus = Define("api.core.v1.NamespaceStatus",
        "Where a namespace is in its life.",
        Text("phase", "Active or Terminating.").InGo("v1.NamespacePhase").DefaultsTo("Active"),
        Many("conditions", NamespaceCondition, "What keeps it from going.").MergeBy("type"));

    public static readonly ObjectSchema Namespace = MetaTypes.Root("api.core.v1.Namespace",
        "A space in which names are unique.",
        One("spec", NamespaceSpec, "What holds it back.").DefaultsTo(new JsonObject()),
        One("status", NamespaceStatus, "Where it is in its life.").DefaultsTo(new JsonObject()));
}
