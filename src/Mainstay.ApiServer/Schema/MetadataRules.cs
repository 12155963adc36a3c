using System.Text;
using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Schema;

/// <summary>What holds for the metadata of every object. Pure.</summary>
internal static class MetadataRules
{
    private static readonly FieldPath Metadata = FieldPath.Root.Child("metadata");

    public static void Check(NameRule rule, bool isNamespaced, JsonObject value, FieldErrors errors)
    {
        var metadata = value["metadata"];
        CheckNames(rule, metadata, errors);
        CheckPlace(isNamespaced, metadata.TextIn("namespace"), errors);
        CheckShared(metadata, Metadata, errors);
        CheckOwners(metadata, errors);
        CheckFinalizers(metadata, errors);
    }

    /// <summary>Labels and annotations: all that a pod template's metadata has to get right.</summary>
    public static void CheckShared(JsonNode? metadata, FieldPath path, FieldErrors errors)
    {
        LabelRules.CheckLabels(metadata?["labels"], path.Child("labels"), errors);
        var total = 0;
        var annotations = path.Child("annotations");
        foreach (var (key, text) in metadata.ObjectAt("annotations") ?? [])
        {
            foreach (var fault in NameRules.IsQualified(key.ToLowerInvariant()))
            {
                errors.Invalid(annotations, key, fault);
            }

            total += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(text.AsText() ?? "");
        }

        if (total > SchemaLimits.AnnotationsBytesMax)
        {
            errors.TooLong(annotations, "", SchemaLimits.AnnotationsBytesMax);
        }
    }

    public static void CheckUpdate(JsonObject next, JsonObject old, FieldErrors errors)
    {
        var now = next["metadata"];
        var then = old["metadata"];
        if (then.TextAt("deletionTimestamp") is not null)
        {
            var added = now.TextsAt("finalizers").Except(then.TextsAt("finalizers")).Order(StringComparer.Ordinal);
            var listed = string.Join(", ", added.Select(GoText.Quote));
            if (listed.Length > 0)
            {
                errors.Forbidden(Metadata.Child("finalizers"),
                    "no new finalizers can be added if the object is being deleted, " +
                    $"found new finalizers []string{{{listed}}}");
            }
        }

        foreach (var name in (ReadOnlySpan<string>)["name", "namespace", "uid", "creationTimestamp"])
        {
            if (now.TextIn(name) != then.TextIn(name))
            {
                errors.Invalid(Metadata.Child(name), now.TextIn(name), Immutable.Fault);
            }
        }
    }

    private static void CheckNames(NameRule rule, JsonNode? metadata, FieldErrors errors)
    {
        var generateName = metadata.TextIn("generateName");
        if (generateName.Length > 0)
        {
            foreach (var fault in rule(generateName, true))
            {
                errors.Invalid(Metadata.Child("generateName"), generateName, fault);
            }
        }

        var name = metadata.TextIn("name");
        if (name.Length == 0)
        {
            errors.Required(Metadata.Child("name"), "name or generateName is required");
            return;
        }

        foreach (var fault in rule(name, false))
        {
            errors.Invalid(Metadata.Child("name"), name, fault);
        }
    }

    private static void CheckPlace(bool isNamespaced, string @namespace, FieldErrors errors)
    {
        var path = Metadata.Child("namespace");
        if (!isNamespaced)
        {
            if (@namespace.Length > 0)
            {
                errors.Forbidden(path, "not allowed on this type");
            }
        }
        else if (@namespace.Length == 0)
        {
            errors.Required(path);
        }
        else
        {
            foreach (var fault in NameRules.IsLabel(@namespace))
            {
                errors.Invalid(path, @namespace, fault);
            }
        }
    }

    private static void CheckOwners(JsonNode? metadata, FieldErrors errors)
    {
        var path = Metadata.Child("ownerReferences");
        var controller = "";
        foreach (var owner in metadata.ObjectsAt("ownerReferences"))
        {
            CheckOwner(owner, path, errors);
            if (!owner.FlagAt("controller"))
            {
                continue;
            }

            if (controller.Length > 0)
            {
                errors.Invalid(path, metadata?["ownerReferences"],
                    "Only one reference can have Controller set to true. " +
                    $"Found \"true\" in references for {controller} and {owner.TextIn("name")}");
            }

            controller = owner.TextIn("name");
        }
    }

    private static void CheckOwner(JsonObject owner, FieldPath path, FieldErrors errors)
    {
        foreach (var (name, what) in (ReadOnlySpan<(string, string)>)
            [("apiVersion", "version"), ("kind", "kind"), ("name", "name"), ("uid", "uid")])
        {
            if (owner.TextIn(name).Length == 0)
            {
                errors.Invalid(path.Child(name), "", what + " must not be empty");
            }
        }
    }

    private static void CheckFinalizers(JsonNode? metadata, FieldErrors errors)
    {
        var path = Metadata.Child("finalizers");
        var index = 0;
        foreach (var finalizer in metadata.TextsAt("finalizers"))
        {
            foreach (var fault in NameRules.IsQualified(finalizer))
            {
                errors.Invalid(path, finalizer, fault);
            }

            if (!finalizer.Contains('/', StringComparison.Ordinal) && finalizer is not
                ("kubernetes" or "orphan" or "foregroundDeletion"))
            {
                errors.Invalid(path.Index(index), finalizer,
                    "name is neither a standard finalizer name nor is it fully qualified");
            }

            index++;
        }
    }
}
