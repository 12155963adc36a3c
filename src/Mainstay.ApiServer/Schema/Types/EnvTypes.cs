using System.Collections.Immutable;
using System.Text.Json.Nodes;
using static Mainstay.ApiServer.Schema.Declare;
using static Mainstay.ApiServer.Schema.Types.ReferenceTypes;

namespace Mainstay.ApiServer.Schema.Types;

/// <summary>The environment of a container.</summary>
internal static class EnvTypes
{
    private static readonly ImmutableArray<string> PodFields =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
        "status.hostIP", "status.podIP", "status.podIPs",
    ];

    private static readonly ObjectSchema ConfigMapKeySelector = Define("api.core.v1.ConfigMapKeySelector",
        "One key of a ConfigMap.",
        Text("name", "The ConfigMap.").NotEmpty(),
        Text("key", "The key.").Required().CheckedBy(Checks.Named(NameRules.IsConfigKey)),
        Flag("optional", "True: the pod may start without it."));

    private static readonly ObjectSchema SecretKeySelector = Define("api.core.v1.SecretKeySelector",
        "One key of a Secret.",
        Text("name", "The Secret.").NotEmpty(),
        Text("key", "The key.").Required().CheckedBy(Checks.Named(NameRules.IsConfigKey)),
        Flag("optional", "True: the pod may start without it."));

    private static readonly ObjectSchema EnvVarSource = Define("api.core.v1.EnvVarSource",
        "Where the value of a variable comes from: one of these.",
        One("fieldRef", ObjectFieldSelector.CheckedBy(CheckFieldPath), "A field of the pod."),
        One("resourceFieldRef", ResourceFieldSelector, "A resource of the container."),
        One("configMapKeyRef", ConfigMapKeySelector, "A key of a ConfigMap."),
        One("secretKeyRef", SecretKeySelector, "A key of a Secret."));

    public static readonly ObjectSchema EnvVar = Define("api.core.v1.EnvVar",
        "A variable of the environment.",
        Text("name", "The name of the variable.").Required().CheckedBy(Checks.EnvName),
        Text("value", "The value; $(NAME) stands for another variable's."),
        One("valueFrom", EnvVarSource, "Where the value comes from, in place of value."))
        .CheckedBy(CheckEnvVar);

    private static readonly ObjectSchema ConfigMapEnvSource = Define("api.core.v1.ConfigMapEnvSource",
        "Each key of a ConfigMap as a variable.",
        Text("name", "The ConfigMap.").NotEmpty(),
        Flag("optional", "True: the pod may start without it."));

    private static readonly ObjectSchema SecretEnvSource = Define("api.core.v1.SecretEnvSource",
        "Each key of a Secret as a variable.",
        Text("name", "The Secret.").NotEmpty(),
        Flag("optional", "True: the pod may start without it."));

    public static readonly ObjectSchema EnvFromSource = Define("api.core.v1.EnvFromSource",
        "Many variables at once.",
        Text("prefix", "What the names of the variables start with.").CheckedBy(Checks.EnvName),
        One("configMapRef", ConfigMapEnvSource, "The keys of a ConfigMap."),
        One("secretRef", SecretEnvSource, "The keys of a Secret."))
        .CheckedBy(CheckEnvFrom);

    private static void CheckEnvVar(JsonObject variable, FieldPath path, FieldErrors errors)
    {
        if (variable["valueFrom"] is not JsonObject from)
        {
            return;
        }

        path = path.Child("valueFrom");
        if (from.Count == 0)
        {
            errors.Invalid(path, "",
                "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
        }
        else if (variable.TextIn("value").Length > 0)
        {
            errors.Invalid(path, "", "may not be specified when `value` is not empty");
        }
        else if (from.Count > 1)
        {
            errors.Invalid(path, "", "may not have more than one field specified at a time");
        }
    }

    private static void CheckEnvFrom(JsonObject source, FieldPath path, FieldErrors errors)
    {
        var count = source.Count(pair => pair.Key is "configMapRef" or "secretRef");
        if (count == 0)
        {
            errors.Invalid(path, "", "must specify one of: `configMapRef` or `secretRef`");
        }
        else if (count > 1)
        {
            errors.Invalid(path, "", "may not have more than one field specified at a time");
        }
    }

    private static void CheckFieldPath(JsonObject reference, FieldPath path, FieldErrors errors)
    {
        var text = reference.TextIn("fieldPath");
        var open = text.IndexOf('[', StringComparison.Ordinal);
        if (text.Length == 0)
        {
            return;
        }

        if (open < 0)
        {
            if (!PodFields.Contains(text))
            {
                errors.Invalid(path.Child("fieldPath"), text,
                    $"error converting fieldPath: field label not supported: {text}");
            }

            return;
        }

        var owner = text[..open];
        var key = text[open..].Trim('[', ']', '\'', '"');
        if (owner is not ("metadata.labels" or "metadata.annotations"))
        {
            errors.Invalid(path, owner, "does not support subscript");
            return;
        }

        foreach (var fault in NameRules.IsQualified(owner == "metadata.annotations" ? key.ToLowerInvariant() : key))
        {
            errors.Invalid(path, key, fault);
        }
    }
}
