using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Schema;

/// <summary>What holds between the fields of a pod, beyond each field's own rules. Pure.</summary>
internal static class PodRules
{
    private static readonly string[] Lists = ["containers", "initContainers", "ephemeralContainers"];

    public static void CheckSpec(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        Checks.Unique(spec, "volumes", "name", (path, errors));
        CheckContainerNames(spec, path, errors);
        CheckMounts(spec, path, errors);
        CheckInitContainers(spec, path.Child("initContainers"), errors);
        CheckHostPorts(spec, path.Child("containers"), errors);
    }

    public static void CheckTemplate(JsonObject template, FieldPath path, FieldErrors errors)
    {
        MetadataRules.CheckShared(template["metadata"], path, errors);
        if (template["spec"].ListAt("ephemeralContainers") is { Count: > 0 })
        {
            errors.Forbidden(path.Child("spec").Child("ephemeralContainers"),
                "ephemeral containers not allowed in pod template");
        }
    }

    private static void CheckContainerNames(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var list in Lists)
        {
            var index = 0;
            foreach (var container in spec.ObjectsAt(list))
            {
                var name = container.TextIn("name");
                if (name.Length > 0 && !seen.Add(name))
                {
                    errors.Duplicate(path.Child(list).Index(index).Child("name"), name);
                }

                index++;
            }
        }
    }

    private static void CheckMounts(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        var volumes = spec.ObjectsAt("volumes").Select(volume => volume.TextIn("name")).ToHashSet();
        foreach (var list in Lists)
        {
            var at = 0;
            foreach (var container in spec.ObjectsAt(list))
            {
                var mounts = path.Child(list).Index(at++).Child("volumeMounts");
                var index = 0;
                foreach (var mount in container.ObjectsAt("volumeMounts"))
                {
                    if (!volumes.Contains(mount.TextIn("name")))
                    {
                        errors.NotFound(mounts.Index(index).Child("name"), mount.TextIn("name"));
                    }

                    index++;
                }
            }
        }
    }

    private static void CheckInitContainers(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        var index = 0;
        foreach (var container in spec.ObjectsAt("initContainers"))
        {
            // one that runs beside the others may be asked how it is
            var runsOn = container.TextIn("restartPolicy") == "Always";
            foreach (var name in (ReadOnlySpan<string>)["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"])
            {
                if (!runsOn && container[name] is { } value)
                {
                    errors.Invalid(path.Index(index).Child(name), value, "must not be set for init containers");
                }
            }

            index++;
        }
    }

    private static void CheckHostPorts(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var at = 0;
        foreach (var container in spec.ObjectsAt("containers"))
        {
            var index = 0;
            foreach (var port in container.ObjectsAt("ports"))
            {
                var number = port.NumberAt("hostPort") ?? 0;
                var key = $"{port.TextIn("protocol")}/{port.TextIn("hostIP")}/{number}";
                if (number != 0 && !seen.Add(key))
                {
                    errors.Duplicate(path.Index(at).Child("ports").Index(index).Child("hostPort"), key);
                }

                index++;
            }

            at++;
        }
    }
}
