using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Registry;

/// <summary>The scale subresource of the kinds with spec.replicas, status.replicas and spec.selector. Pure.</summary>
internal static class ScaleView
{
    public static ExpectedKind Expected { get; } = new("autoscaling/v1", "Scale", Schema.Types.ScaleTypes.Scale);

    /// <summary>The Scale that stands for the object.</summary>
    public static JsonObject Of(JsonObject value)
    {
        var metadata = value["metadata"];
        var shown = new JsonObject();
        foreach (var name in (ReadOnlySpan<string>)["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            if (metadata?[name] is { } part)
            {
                shown[name] = part.DeepClone();
            }
        }

        var status = new JsonObject { ["replicas"] = value["status"].NumberAt("replicas") ?? 0 };
        if (LabelSelectorText.Of(value["spec"]?["selector"]) is { Length: > 0 } selector)
        {
            status["selector"] = selector;
        }

        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = shown,
            ["spec"] = new JsonObject { ["replicas"] = value["spec"].NumberAt("replicas") ?? 0 },
            ["status"] = status,
        };
    }

    /// <summary>A copy of the object with the replicas, and the resourceVersion if given, of the Scale.</summary>
    public static JsonObject Apply(JsonObject value, JsonObject scale)
    {
        var next = value.DeepClone().AsObject();
        next.Ensure("spec")["replicas"] = scale["spec"].NumberAt("replicas") ?? 0;
        if (scale["metadata"].TextAt("resourceVersion") is { Length: > 0 } version)
        {
            next.Ensure("metadata")["resourceVersion"] = version;
        }

        return next;
    }

    /// <summary>What is wrong with a Scale.</summary>
    public static FieldErrors Validate(JsonObject scale)
    {
        var errors = new FieldErrors();
        Validation.Check(Schema.Types.ScaleTypes.ScaleSpec, scale.Ensure("spec"), FieldPath.Root.Child("spec"), errors);
        return errors;
    }
}
