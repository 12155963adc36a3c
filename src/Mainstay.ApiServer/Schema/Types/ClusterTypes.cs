using static Mainstay.ApiServer.Schema.Declare;
using static Mainstay.ApiServer.Schema.Types.ReferenceTypes;

namespace Mainstay.ApiServer.Schema.Types;

/// <summary>Accounts and leases, and what is posted to subresources of pods.</summary>
internal static class ClusterTypes
{
    public static readonly ObjectSchema ServiceAccount = MetaTypes.Root("api.core.v1.ServiceAccount",
        "Who a pod acts as.",
        Many("secrets", ObjectReference, "Secrets its pods may use.").MergeBy("name"),
        Many("imagePullSecrets", LocalObjectReference, "Secrets to fetch images with."),
        Flag("automountServiceAccountToken", "False: its pods get no token."));

    private static readonly ObjectSchema LeaseSpec = Define("api.coordination.v1.LeaseSpec",
        "Who holds a lease, and since when.",
        Text("holderIdentity", "Who holds it."),
        Int32("leaseDurationSeconds", "The seconds after the last renewal when others may take it.")
            .CheckedBy(MustBePositive),
        MicroTime("acquireTime", "When it was taken."),
        MicroTime("renewTime", "When it was last renewed."),
        Int32("leaseTransitions", "How many times it has changed hands.").AtLeast(0),
        Text("strategy", "How the holder is chosen.").InGo("v1.CoordinatedLeaseStrategy"),
        Text("preferredHolder", "Who is to hold it next."));

    public static readonly ObjectSchema Lease = MetaTypes.Root("api.coordination.v1.Lease",
        "A sign of life, or a lock with an end.",
        One("spec", LeaseSpec, "Who holds it, and since when.").DefaultsTo(new System.Text.Json.Nodes.JsonObject()));

    public static readonly ObjectSchema Binding = MetaTypes.Root("api.core.v1.Binding",
        "Puts a pod on a node; posted to the pod's binding.",
        One("target", ObjectReference, "The node.").Required());

    public static readonly ObjectSchema Eviction = MetaTypes.Root("api.policy.v1.Eviction",
        "Asks a pod to leave its node; posted to the pod's eviction.",
        One("deleteOptions", MetaTypes.DeleteOptions, "How to delete it."));

    private static void MustBePositive(System.Text.Json.Nodes.JsonNode value, FieldPath path, FieldErrors errors)
    {
        if (value.AsNumber() <= 0)
        {
            errors.Invalid(path, value, "must be greater than 0");
        }
    }
}
