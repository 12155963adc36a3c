using System.Text.Json.Nodes;
using static Mainstay.ApiServer.Schema.Declare;

namespace Mainstay.ApiServer.Schema.Types;

/// <summary>What keeps pods running: deployments, replica sets, daemon sets, and their history.</summary>
internal static class AppsTypes
{
    /// <summary>Real API servers say "empty selector is invalid for deployment" of replica sets too.</summary>
    private static readonly ObjectCheck CheckReplicated = (spec, path, errors) =>
        WorkloadRules.Check("ReplicaSet", "deployment", (spec, path), errors);

    private static readonly ObjectSchema RollingUpdateDeployment = Define("api.apps.v1.RollingUpdateDeployment",
        "How fast new pods take the place of old ones.",
        IntOrString("maxUnavailable", "How many may be missing meanwhile, as a number or a percentage.")
            .DefaultsTo("25%").CheckedBy(Checks.CountOrPercent),
        IntOrString("maxSurge", "How many more may run meanwhile, as a number or a percentage.")
            .DefaultsTo("25%").CheckedBy(Checks.CountOrPercent))
        .CheckedBy(WorkloadRules.CheckRollingDeployment);

    private static readonly ObjectSchema DeploymentStrategy = Define("api.apps.v1.DeploymentStrategy",
        "How new pods take the place of old ones.",
        Text("type", "Recreate, or RollingUpdate.").InGo("v1.DeploymentStrategyType").DefaultsTo("RollingUpdate"),
        One("rollingUpdate", RollingUpdateDeployment, "How fast, with RollingUpdate."))
        .DefaultedBy(strategy => DefaultRolling(strategy))
        .CheckedBy(WorkloadRules.CheckDeploymentStrategy);

    private static readonly ObjectSchema DeploymentSpec = Define("api.apps.v1.DeploymentSpec",
        "How many pods are wanted, and of what.",
        Int32("replicas", "How many.").AtLeast(0).DefaultsTo(1),
        One("selector", MetaTypes.LabelSelector, "The pods: the template's labels must match; stays.").Required(),
        One("template", PodTypes.PodTemplateSpec, "What they are made from.").Always().DefaultsTo(new JsonObject()),
        One("strategy", DeploymentStrategy, "How new pods take the place of old ones.")
            .DefaultsTo(new JsonObject()).RetainKeys(),
        Int32("minReadySeconds", "The seconds a new pod must be ready before it counts.").AtLeast(0),
        Int32("revisionHistoryLimit", "How many old replica sets are kept to go back to.").AtLeast(0).DefaultsTo(10),
        Flag("paused", "True: changes of the template wait."),
        Int32("progressDeadlineSeconds", "The seconds after which a rollout that stands still has failed.")
            .AtLeast(0).DefaultsTo(600))
        .CheckedBy(CheckReplicated + WorkloadRules.CheckDeadline);

    private static readonly ObjectSchema DeploymentCondition = Condition("DeploymentCondition",
        Time("lastUpdateTime", "When it was last looked at."));

    private static readonly ObjectSchema DeploymentStatus = Define("api.apps.v1.DeploymentStatus",
        "How far a deployment has come.",
        Int64("observedGeneration", "The generation that its controller has seen.").AtLeast(0),
        Int32("replicas", "How many pods it has.").AtLeast(0),
        Int32("updatedReplicas", "How many of them are of the newest template.").AtLeast(0),
        Int32("readyReplicas", "How many are ready.").AtLeast(0),
        Int32("availableReplicas", "How many have been ready for long enough.").AtLeast(0),
        Int32("unavailableReplicas", "How many are still missing.").AtLeast(0),
        Int32("terminatingReplicas", "How many are ending.").AtLeast(0),
        Many("conditions", DeploymentCondition, "Its state.").MergeBy("type"),
        Int32("collisionCount", "How many times two templates gave the same hash.").AtLeast(0))
        .CheckedBy(WorkloadRules.CheckDeploymentStatus);

    public static readonly ObjectSchema Deployment = MetaTypes.Root("api.apps.v1.Deployment",
        "Pods of one template, and the way from one template to the next.",
        One("spec", DeploymentSpec, "How many, and of what.").DefaultsTo(new JsonObject()),
        One("status", DeploymentStatus, "How far it has come.").DefaultsTo(new JsonObject()));

    private static readonly ObjectSchema ReplicaSetSpec = Define("api.apps.v1.ReplicaSetSpec",
        "How many pods are wanted, and of what.",
        Int32("replicas", "How many.").AtLeast(0).DefaultsTo(1),
        Int32("minReadySeconds", "The seconds a new pod must be ready before it counts.").AtLeast(0),
        One("selector", MetaTypes.LabelSelector, "The pods: the template's labels must match; stays.").Required(),
        One("template", PodTypes.PodTemplateSpec, "What they are made from.").DefaultsTo(new JsonObject()))
        .CheckedBy(CheckReplicated);

    private static readonly ObjectSchema ReplicaSetStatus = Define("api.apps.v1.ReplicaSetStatus",
        "How many pods a replica set has.",
        Int32("replicas", "How many it has.").Always().AtLeast(0).DefaultsTo(0),
        Int32("fullyLabeledReplicas", "How many carry all labels of the template.").AtLeast(0),
        Int32("readyReplicas", "How many are ready.").AtLeast(0),
        Int32("availableReplicas", "How many have been ready for long enough.").AtLeast(0),
        Int32("terminatingReplicas", "How many are ending.").AtLeast(0),
        Int64("observedGeneration", "The generation that its controller has seen.").AtLeast(0),
        Many("conditions", Condition("ReplicaSetCondition"), "Its state.").MergeBy("type"))
        .CheckedBy(WorkloadRules.CheckReplicaSetStatus);

    public static readonly ObjectSchema ReplicaSet = MetaTypes.Root("api.apps.v1.ReplicaSet",
        "So many pods of one template.",
        One("spec", ReplicaSetSpec, "How many, and of what.").DefaultsTo(new JsonObject()),
        One("status", ReplicaSetStatus, "How many there are.").DefaultsTo(new JsonObject()));

    private static readonly ObjectSchema RollingUpdateDaemonSet = Define("api.apps.v1.RollingUpdateDaemonSet",
        "How fast new pods take the place of old ones.",
        IntOrString("maxUnavailable", "How many may be missing meanwhile, as a number or a percentage.")
            .DefaultsTo(1).CheckedBy(Checks.CountOrPercent),
        IntOrString("maxSurge", "How many nodes may run the old and the new meanwhile.")
            .CheckedBy(Checks.CountOrPercent))
        .CheckedBy(WorkloadRules.CheckRollingDaemonSet);

    private static readonly ObjectSchema DaemonSetUpdateStrategy = Define("api.apps.v1.DaemonSetUpdateStrategy",
        "How new pods take the place of old ones.",
        Text("type", "RollingUpdate, or OnDelete.").InGo("v1.DaemonSetUpdateStrategyType").DefaultsTo("RollingUpdate"),
        One("rollingUpdate", RollingUpdateDaemonSet, "How fast, with RollingUpdate."))
        .DefaultedBy(strategy => DefaultRolling(strategy))
        .CheckedBy(WorkloadRules.CheckDaemonSetStrategy);

    private static readonly ObjectSchema DaemonSetSpec = Define("api.apps.v1.DaemonSetSpec",
        "What is to run on the nodes.",
        One("selector", MetaTypes.LabelSelector, "The pods: the template's labels must match; stays.").Required(),
        One("template", PodTypes.PodTemplateSpec, "What they are made from, and with that which nodes.")
            .Always().DefaultsTo(new JsonObject()),
        Int32("minReadySeconds", "The seconds a new pod must be ready before it counts.").AtLeast(0),
        One("updateStrategy", DaemonSetUpdateStrategy, "How new pods take the place of old ones.")
            .DefaultsTo(new JsonObject()),
        Int32("revisionHistoryLimit", "How many old templates are kept to go back to.").AtLeast(0).DefaultsTo(10))
        .CheckedBy((spec, path, errors) => WorkloadRules.Check("DaemonSet", "daemonset", (spec, path), errors));

    private static readonly ObjectSchema DaemonSetStatus = Define("api.apps.v1.DaemonSetStatus",
        "On how many nodes a daemon set runs.",
        Int32("currentNumberScheduled", "On how many it runs, of those it should.").Always().AtLeast(0).DefaultsTo(0),
        Int32("numberMisscheduled", "On how many it runs and should not.").Always().AtLeast(0).DefaultsTo(0),
        Int32("desiredNumberScheduled", "On how many it should run.").Always().AtLeast(0).DefaultsTo(0),
        Int32("numberReady", "On how many it is ready.").Always().AtLeast(0).DefaultsTo(0),
        Int64("observedGeneration", "The generation that its controller has seen.").AtLeast(0),
        Int32("updatedNumberScheduled", "On how many it is of the newest template.").AtLeast(0),
        Int32("numberAvailable", "On how many it has been ready for long enough.").AtLeast(0),
        Int32("numberUnavailable", "On how many it is missing.").AtLeast(0),
        Int32("collisionCount", "How many times two templates gave the same hash.").AtLeast(0),
        Many("conditions", Condition("DaemonSetCondition"), "Its state.").MergeBy("type"));

    public static readonly ObjectSchema DaemonSet = MetaTypes.Root("api.apps.v1.DaemonSet",
        "One pod of a template on each node.",
        One("spec", DaemonSetSpec, "What is to run, and where.").DefaultsTo(new JsonObject()),
        One("status", DaemonSetStatus, "Where it runs.").DefaultsTo(new JsonObject()));

    public static readonly ObjectSchema ControllerRevision = MetaTypes.Root("api.apps.v1.ControllerRevision",
        "An old template, kept to go back to.",
        Any("data", "The template."),
        Int64("revision", "Its number.").Always().AtLeast(0).DefaultsTo(0L));

    private static ObjectSchema Condition(string name, params ReadOnlySpan<Field> more) => Define("api.apps.v1." + name,
        "One aspect of the state.",
        [
            Text("type", "The aspect.").InGo($"v1.{name}Type").Always(),
            Text("status", "True, False or Unknown.").InGo("v1.ConditionStatus").Always(),
            .. more,
            Time("lastTransitionTime", "When the status last changed."),
            Text("reason", "One word for why."),
            Text("message", "The same in a sentence."),
        ]);

    private static void DefaultRolling(JsonObject strategy)
    {
        if (strategy.TextIn("type") == "RollingUpdate")
        {
            strategy.Ensure("rollingUpdate");
        }
    }
}
