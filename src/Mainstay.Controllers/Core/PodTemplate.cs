using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;
using Mainstay.Kube;

namespace Mainstay.Controllers.Core;

/// <summary>A pod template as it stands in its object, field by field, known to us or not.</summary>
internal static class PodTemplate
{
    public const string HashLabel = "pod-template-hash";

    // No vowels and nothing that looks like another: names stay readable and spell nothing.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>A copy of <c>spec.template</c>.</summary>
    public static JsonObject CopyOf(JsonElement owner) =>
        owner.Child("spec")?.Child("template") is { } template
            ? (JsonObject)(JsonNode.Parse(template.GetRawText()) ?? new JsonObject())
            : throw new MalformedObjectException("spec.template is missing");

    /// <summary>Whether both mean the same pods; the hash label, which comes from the template, does not
    /// count.</summary>
    public static bool AreAlike(JsonElement one, JsonElement other) =>
        CanonicalJson.Text(WithoutHash(CopyOf(one))) == CanonicalJson.Text(WithoutHash(CopyOf(other)));

    /// <summary>A short word made of the template, the same for the same template.</summary>
    public static string Hash(JsonElement owner, int collisions)
    {
        var hash = 2166136261u;
        var text = CanonicalJson.Text(WithoutHash(CopyOf(owner))) + collisions.ToString(CultureInfo.InvariantCulture);
        foreach (var part in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ part) * 16777619u;
        }
        var digits = hash.ToString(CultureInfo.InvariantCulture);
        return string.Concat(digits.Select(d => Alphabet[d % Alphabet.Length]));
    }

    /// <summary>Five characters by chance, for the end of a name.</summary>
    public static string Suffix(Random random) =>
        string.Concat(Enumerable.Range(0, 5).Select(_ => Alphabet[random.Next(Alphabet.Length)]));

    /// <summary>The pod that the template of <paramref name="owner"/> makes.</summary>
    public static CreateObject Pod(Owner owner, JsonElement raw, Random random)
    {
        var template = CopyOf(raw);
        var metadata = template["metadata"] as JsonObject ?? new JsonObject();
        template.Remove("metadata");
        var stem = owner.Meta.Name.Length > 57 ? owner.Meta.Name[..57] : owner.Meta.Name;
        var name = $"{stem}-{Suffix(random)}";
        var body = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["generateName"] = $"{stem}-",
                ["namespace"] = owner.Key.Namespace,
                ["labels"] = metadata["labels"]?.DeepClone(),
                ["annotations"] = metadata["annotations"]?.DeepClone(),
                ["finalizers"] = metadata["finalizers"]?.DeepClone(),
                ["ownerReferences"] = new JsonArray(owner.Reference()),
            },
            ["spec"] = template["spec"]?.DeepClone() ?? new JsonObject(),
        };
        RemoveNulls((JsonObject)body["metadata"]!);
        return new CreateObject(Kinds.Pod, new ObjectKey(owner.Key.Namespace, name), body);
    }

    private static JsonObject WithoutHash(JsonObject template)
    {
        if (template["metadata"] is JsonObject metadata)
        {
            (metadata["labels"] as JsonObject)?.Remove(HashLabel);
            metadata.Remove("creationTimestamp");
        }
        return template;
    }

    private static void RemoveNulls(JsonObject from)
    {
        foreach (var name in from.Where(f => f.Value is null).Select(f => f.Key).ToArray())
        {
            from.Remove(name);
        }
    }
}
