using static Mainstay.ApiServer.Schema.Declare;

namespace Mainstay.ApiServer.Schema.Types;

/// <summary>The scale subresource.</summary>
internal static class ScaleTypes
{
    public static readonly ObjectSchema ScaleSpec = Define("api.autoscaling.v1.ScaleSpec",
        "How many are wanted.",
        Int32("replicas", "The number of replicas wanted.").AtLeast(0));

    public static readonly ObjectSchema ScaleStatus = Define("api.autoscaling.v1.ScaleStatus",
        "How many there are.",
        Int32("replicas", "The number of replicas seen.").Always(),
        Text("selector", "The selector of the replicas, as a query."));

    public static readonly ObjectSchema Scale = MetaTypes.Root("api.autoscaling.v1.Scale",
        "The size of an object that runs replicas.",
        One("spec", ScaleSpec, "The size wanted."),
        One("status", ScaleStatus, "The size seen."));
}
