using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Patch;

internal enum PatchKind
{
    /// <summary>RFC 6902: a list of operations.</summary>
    Json,

    /// <summary>RFC 7386: what differs; lists are replaced.</summary>
    Merge,

    /// <summary>What differs; lists are merged by the keys of the schema table.</summary>
    StrategicMerge,
}

/// <summary>What a patch can fail on; each has a code of its own on the wire.</summary>
internal enum PatchFaultKind
{
    /// <summary>400: the patch itself is wrong.</summary>
    BadRequest,

    /// <summary>422: the patch is right, and does not apply to this object.</summary>
    DoesNotApply,

    /// <summary>413: too many operations.</summary>
    TooLarge,
}

internal sealed record PatchFault(PatchFaultKind Kind, string Message);

/// <summary>Exactly one of the two is set.</summary>
internal sealed record PatchOutcome(JsonObject? Object, PatchFault? Fault);

/// <summary>Thrown inside a patch, caught at its edge.</summary>
internal sealed class PatchException(PatchFaultKind kind, string message) : Exception(message)
{
    public PatchFaultKind Kind { get; } = kind;
}

/// <summary>
/// The three kinds of patch, each on a copy: the object that is patched stays as it is. The result has yet to be read
/// by its schema (<see cref="ObjectReader"/>), which refuses what a patch made of a wrong type. Pure.
/// </summary>
internal static class Patching
{
    private static readonly JsonDocumentOptions ReadOptions = new() { MaxDepth = SchemaLimits.JsonDepthMax };

    /// <summary>By the media type, without parameters; null for what is no patch that is known.</summary>
    public static PatchKind? KindOf(string mediaType) => mediaType switch
    {
        "application/json-patch+json" => PatchKind.Json,
        "application/merge-patch+json" => PatchKind.Merge,
        "application/strategic-merge-patch+json" => PatchKind.StrategicMerge,
        _ => null,
    };

    public static PatchOutcome Apply(PatchKind kind, ObjectSchema schema, JsonObject current, ReadOnlySpan<byte> patch)
    {
        try
        {
            var parsed = Parse(patch);
            return new PatchOutcome(Apply(kind, schema, current, parsed), null);
        }
        catch (PatchException exception)
        {
            return new PatchOutcome(null, new PatchFault(exception.Kind, exception.Message));
        }
    }

    private static JsonObject Apply(PatchKind kind, ObjectSchema schema, JsonObject current, JsonNode? patch)
    {
        if (kind == PatchKind.Json)
        {
            return JsonPatch.Apply(current, patch);
        }

        if (patch is not JsonObject changes)
        {
            throw new PatchException(PatchFaultKind.BadRequest,
                "error decoding patch: the patch must be a JSON object");
        }

        return kind == PatchKind.Merge
            ? MergePatch.Apply(current, changes)
            : StrategicMergePatch.Apply(schema, current, changes);
    }

    private static JsonNode? Parse(ReadOnlySpan<byte> patch)
    {
        try
        {
            var reader = new Utf8JsonReader(patch, new JsonReaderOptions { MaxDepth = ReadOptions.MaxDepth });
            using var document = JsonDocument.ParseValue(ref reader);
            if (reader.Read())
            {
                throw new PatchException(PatchFaultKind.BadRequest, "error decoding patch: data after the patch");
            }

            return PlainNode.Of(document.RootElement);
        }
        catch (InvalidOperationException)
        {
            // how JsonElement tells of half a surrogate pair or of bytes that are no UTF-8
            throw new PatchException(PatchFaultKind.BadRequest, "error decoding patch: the text is not valid UTF-8");
        }
        catch (JsonException exception)
        {
            throw new PatchException(PatchFaultKind.BadRequest,
                "error decoding patch: " + GoJsonErrors.Syntax(exception));
        }
    }
}
