using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Registry;

/// <summary>
/// The rules that all kinds share on their way into the store: who may change what, and when the generation grows. The
/// caller reads (<see cref="ObjectReader"/>), applies <see cref="Defaults"/>, prepares, validates, stores. Pure but for
/// the object that is prepared.
/// </summary>
internal static class ObjectLifecycle
{
    /// <summary>Status is not the creator's to set; the generation starts at 1.</summary>
    public static void PrepareForCreate(this ResourceType type, JsonObject value)
    {
        var metadata = value.Ensure("metadata");
        metadata.Remove("generation");
        metadata.Remove("deletionTimestamp");
        metadata.Remove("deletionGracePeriodSeconds");
        metadata.Remove("selfLink");
        if (type.HasStatus && !type.KeepsStatusOnCreate)
        {
            ResetStatus(type, value);
        }

        if (type.Strategy.HasGeneration)
        {
            metadata["generation"] = 1L;
        }

        type.Strategy.OnCreate?.Invoke(value);
    }

    /// <summary>Status stays as it was; the generation grows when anything but metadata and status changed.</summary>
    public static void PrepareForUpdate(this ResourceType type, JsonObject next, JsonObject old)
    {
        KeepSystemMetadata(next.Ensure("metadata"), old["metadata"]);
        if (type.HasStatus)
        {
            Keep("status", next, old);
        }

        type.Strategy.OnUpdate?.Invoke(next, old);
        var isNewGeneration = DiffersInSubstance(next, old)
            || (type.Strategy.GenerationCountsAnnotations && !SameAnnotations(next, old));
        if (type.Strategy.HasGeneration && isNewGeneration)
        {
            next.Ensure("metadata")["generation"] = (old["metadata"].NumberAt("generation") ?? 0) + 1;
        }
    }

    /// <summary>Only status, labels, annotations, finalizers and the like come from the writer.</summary>
    public static void PrepareForStatusUpdate(this ResourceType type, JsonObject next, JsonObject old)
    {
        KeepSystemMetadata(next.Ensure("metadata"), old["metadata"]);
        foreach (var field in type.Schema.Fields)
        {
            if (field.Name is not ("metadata" or "status" or "apiVersion" or "kind"))
            {
                Keep(field.Name, next, old);
            }
        }
    }

    public static FieldErrors ValidateForCreate(this ResourceType type, JsonObject value)
    {
        var errors = new FieldErrors();
        MetadataRules.Check(type.Strategy.Name, type.IsNamespaced, value, errors);
        CheckBody(type, value, errors);
        type.Strategy.Validate?.Invoke(value, null, errors);
        return errors;
    }

    public static FieldErrors ValidateForUpdate(this ResourceType type, JsonObject next, JsonObject old)
    {
        var errors = new FieldErrors();
        MetadataRules.Check(type.Strategy.Name, type.IsNamespaced, next, errors);
        MetadataRules.CheckUpdate(next, old, errors);
        CheckBody(type, next, errors);
        type.Strategy.Validate?.Invoke(next, old, errors);
        return errors;
    }

    public static FieldErrors ValidateForStatusUpdate(this ResourceType type, JsonObject next, JsonObject old)
    {
        var errors = new FieldErrors();
        MetadataRules.Check(type.Strategy.Name, type.IsNamespaced, next, errors);
        MetadataRules.CheckUpdate(next, old, errors);
        if (type.Schema.Find("status") is { } status)
        {
            Validation.CheckField(status, next["status"], FieldPath.Root.Child("status"), errors);
        }

        type.Strategy.ValidateStatus?.Invoke(next, old, errors);
        return errors;
    }

    private static void CheckBody(ResourceType type, JsonObject value, FieldErrors errors)
    {
        foreach (var field in type.Schema.Fields)
        {
            if (field.Name is not ("metadata" or "status"))
            {
                Validation.CheckField(field, value[field.Name], FieldPath.Root.Child(field.Name), errors);
            }
        }

        type.Schema.Check?.Invoke(value, FieldPath.Root, errors);
    }

    private static void ResetStatus(ResourceType type, JsonObject value)
    {
        value.Remove("status");
        if (type.Schema.Find("status") is { Object: { } schema, Default: { } status })
        {
            var fresh = status.DeepClone().AsObject();
            Defaults.Apply(schema, fresh);
            value["status"] = fresh;
        }
    }

    private static void KeepSystemMetadata(JsonObject next, JsonNode? old)
    {
        foreach (var name in (ReadOnlySpan<string>)["generation", "deletionTimestamp", "deletionGracePeriodSeconds"])
        {
            Keep(name, next, old);
        }

        foreach (var name in (ReadOnlySpan<string>)["uid", "creationTimestamp", "generateName"])
        {
            if (next[name] is null && old is JsonObject)
            {
                Keep(name, next, old);
            }
        }
    }

    private static void Keep(string name, JsonObject next, JsonNode? old)
    {
        if ((old as JsonObject)?[name] is { } value)
        {
            next[name] = value.DeepClone();
        }
        else
        {
            next.Remove(name);
        }
    }

    private static bool SameAnnotations(JsonObject next, JsonObject old) =>
        JsonReading.Same(next["metadata"]?["annotations"], old["metadata"]?["annotations"]);

    private static bool DiffersInSubstance(JsonObject next, JsonObject old)
    {
        var names = next.Select(pair => pair.Key).Union(old.Select(pair => pair.Key));
        return names.Any(name => name is not ("metadata" or "status" or "apiVersion" or "kind")
            && !JsonReading.Same(next[name], old[name]));
    }
}
