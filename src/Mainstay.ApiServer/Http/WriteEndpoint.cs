using System.Text;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Admission;
using Mainstay.ApiServer.Patch;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Storage;
using Microsoft.AspNetCore.Http;

namespace Mainstay.ApiServer.Http;

/// <summary>create, update and patch, of an object or of its status.</summary>
internal sealed class WriteEndpoint(ObjectWriter writer, ObjectResponse response)
{
    public async Task CreateAsync(ApiRequest request)
    {
        var tree = await ReadObjectAsync(request, request.Type.Expected);
        var created = await writer.CreateAsync(TargetOf(request), tree, request.Aborted);
        await response.WriteAsync(request, created, StatusCodes.Status201Created);
    }

    public async Task UpdateAsync(ApiRequest request, UpdatePart part)
    {
        var tree = await ReadObjectAsync(request, request.Type.Expected);
        var target = TargetOf(request);
        try
        {
            var change = new ObjectChange(part, _ => JsonTree.Clone(tree)) { IsRelative = false };
            var outcome = await writer.UpdateAsync(target, change, request.Aborted);
            await response.WriteAsync(request, outcome.Object);
        }
        catch (RefusedException e) when (
            e.Status.Code == StatusCodes.Status404NotFound && part == UpdatePart.Main
            && request.Type.Strategy.AllowsCreateOnUpdate)
        {
            var metadata = tree.Ensure("metadata");
            metadata.Remove("resourceVersion");
            metadata["name"] = target.Name;
            var created = await writer.CreateAsync(target, tree, request.Aborted);
            await response.WriteAsync(request, created, StatusCodes.Status201Created);
        }
    }

    public async Task PatchAsync(ApiRequest request, UpdatePart part)
    {
        var patch = await ReadPatchAsync(request);
        var outcome = await writer.UpdateAsync(
            TargetOf(request), new ObjectChange(part, old => Patched(request, patch, old)), request.Aborted);
        await response.WriteAsync(request, outcome.Object);
    }

    /// <summary>PUT namespaces/NAME/finalize: whoever has emptied the namespace takes its finalizer away.</summary>
    public async Task FinalizeAsync(ApiRequest request)
    {
        var wanted = await ReadObjectAsync(request, request.Type.Expected);
        var change = new ObjectChange(UpdatePart.Internal, old =>
        {
            var spec = wanted["spec"] as JsonObject ?? [];
            JsonTree.Copy(spec, old.Ensure("spec"), "finalizers");
            JsonTree.Copy(wanted.Ensure("metadata"), old.Ensure("metadata"), "resourceVersion");
            return old;
        });
        var outcome = await writer.UpdateAsync(TargetOf(request), change, request.Aborted);
        await response.WriteAsync(request, outcome.Object);
    }

    // === scale ===

    public static async Task GetScaleAsync(ApiRequest request, StoredObject one) =>
        await ObjectResponse.WriteTreeAsync(request.Http, StatusCodes.Status200OK, ScaleView.Of(one.ToTree()));

    public async Task UpdateScaleAsync(ApiRequest request)
    {
        var scale = await ReadObjectAsync(request, ScaleView.Expected);
        await ScaleAsync(request, _ => scale);
    }

    public async Task PatchScaleAsync(ApiRequest request)
    {
        var patch = await ReadPatchAsync(request);
        await ScaleAsync(request, old =>
        {
            // the view's own revision is no wish of the client's
            var view = ScaleView.Of(old);
            view.Ensure("metadata").Remove("resourceVersion");
            return Read(request, patch, ScaleView.Expected, Apply(patch, ScaleView.Expected.Schema, view));
        });
    }

    private async Task ScaleAsync(ApiRequest request, Func<JsonObject, JsonObject> wish)
    {
        var change = new ObjectChange(UpdatePart.Main, old =>
        {
            var scale = wish(old);
            var errors = ScaleView.Validate(scale);
            if (!errors.IsEmpty)
            {
                throw new RefusedException(KubeStatus.Invalid(
                    new Subject("autoscaling", "scales", "Scale", request.Info.Name), WriteTarget.CausesOf(errors)));
            }

            old.Ensure("metadata").Remove("resourceVersion");
            return ScaleView.Apply(old, scale);
        });
        var outcome = await writer.UpdateAsync(TargetOf(request), change, request.Aborted);
        await GetScaleAsync(request, outcome.Object);
    }

    // === shared ===

    public static WriteTarget TargetOf(ApiRequest request) =>
        new(request.Type, request.Info.Namespace, request.Info.Name, request.IsDryRun);

    public static async Task<JsonObject> ReadObjectAsync(ApiRequest request, ExpectedKind expected)
    {
        var json = await RequestBody.ReadJsonAsync(request.Http.Request, request.Aborted);
        var read = ObjectReader.Read(expected, json, request.FieldValidation);
        Warn(request, read);
        return read.Object ?? throw new RefusedException(KubeStatus.BadRequest(read.Error ?? "the body is no object"));
    }

    private static async Task<ReceivedPatch> ReadPatchAsync(ApiRequest request)
    {
        var kind = Patching.KindOf(RequestBody.MediaType(request.Http.Request))
            ?? throw new RefusedException(KubeStatus.UnsupportedMediaType(
                "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json"));
        return new ReceivedPatch(kind, await RequestBody.ReadAsync(request.Http.Request, request.Aborted));
    }

    private static JsonObject Patched(ApiRequest request, ReceivedPatch patch, JsonObject old)
    {
        // Only a revision that the patch itself names pins it; the one it happens to apply to does not.
        var current = old.TextIn("metadata", "resourceVersion");
        var next = Read(request, patch, request.Type.Expected, Apply(patch, request.Type.Schema, old));
        if (next.TextIn("metadata", "resourceVersion") == current && !patch.NamesRevision)
        {
            next.Ensure("metadata").Remove("resourceVersion");
        }

        return next;
    }

    private static JsonObject Apply(ReceivedPatch patch, ObjectSchema schema, JsonObject old)
    {
        var outcome = Patching.Apply(patch.Kind, schema, old, patch.Body);
        return outcome.Object ?? throw new RefusedException(outcome.Fault switch
        {
            { Kind: PatchFaultKind.DoesNotApply, Message: var message } => KubeStatus.Unprocessable(message),
            { Kind: PatchFaultKind.TooLarge, Message: var message } => KubeStatus.PatchTooLarge(message),
            var fault => KubeStatus.BadRequest(fault?.Message ?? "the patch cannot be applied"),
        });
    }

    private static JsonObject Read(ApiRequest request, ReceivedPatch patch, ExpectedKind expected, JsonObject tree)
    {
        var read = ObjectReader.Read(expected, tree, request.FieldValidation);
        Warn(request, read);
        return read.Object
            ?? throw new RefusedException(
                KubeStatus.InvalidPatch(patch.Text, read.Error ?? "the patch makes no object"));
    }

    private static void Warn(ApiRequest request, ReadOutcome read)
    {
        var headers = request.Http.Response.Headers;
        foreach (var warning in read.Warnings)
        {
            var line = $"299 - \"{warning.Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
            if (!headers.Warning.Contains(line))
            {
                headers.Append("Warning", line);
            }
        }
    }

    private sealed record ReceivedPatch(PatchKind Kind, byte[] Body)
    {
        public string Text => Encoding.UTF8.GetString(Body);

        /// <summary>Whether the patch speaks of a revision at all: a pinned patch is not tried again.</summary>
        public bool NamesRevision { get; } =
            Body.AsSpan().IndexOf("resourceVersion"u8) >= 0;
    }
}
