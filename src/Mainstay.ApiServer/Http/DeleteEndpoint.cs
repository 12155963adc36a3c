using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Admission;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Storage;
using Microsoft.AspNetCore.Http;

namespace Mainstay.ApiServer.Http;

/// <summary>delete and deletecollection. What a delete does to an object is <see cref="Deletion"/>'s to say.</summary>
internal sealed class DeleteEndpoint(ObjectStore store, ReadEndpoint reading, DeleteParts parts)
{
    public async Task DeleteAsync(ApiRequest request)
    {
        var options = await OptionsAsync(request);
        var outcome = await DeleteOneAsync(WriteEndpoint.TargetOf(request), options, request.Aborted);
        if (outcome.IsRemoved && !ReturnsObject(request))
        {
            await ObjectResponse.WriteStatusAsync(
                request.Http, KubeStatus.Deleted(request.Subject, outcome.Object.Uid));
            return;
        }

        await parts.Response.WriteAsync(request, outcome.Object);
    }

    public async Task DeleteCollectionAsync(ApiRequest request)
    {
        var options = await OptionsAsync(request);
        var query = ListQuery.Parse(request.Http.Request.Query, request.Type, isWatch: false);
        var (objects, meta) = await reading.ReadListAsync(request, query);
        var deleted = new List<StoredObject>();
        foreach (var one in objects)
        {
            var target = new WriteTarget(request.Type, one.Namespace, one.Name, request.IsDryRun);
            try
            {
                deleted.Add((await DeleteOneAsync(target, options, request.Aborted)).Object);
            }
            catch (RefusedException e) when (e.Status.Code == StatusCodes.Status404NotFound)
            {
                // someone else was faster: it is gone, which is what was asked for
            }
        }

        await parts.Response.WriteListAsync(request, deleted, meta);
    }

    /// <summary>Deletes, or marks for deletion, one object.</summary>
    public async Task<DeleteOutcome> DeleteOneAsync(
        WriteTarget target, DeleteOptions options, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt <= Limits.ConflictRetriesMax; attempt++)
        {
            var old = await store.GetAsync(target.Type, target.Key, cancellationToken)
                ?? throw new RefusedException(KubeStatus.NotFound(target.Subject));
            CheckPreconditions(target, options, old);
            var next = old.ToTree();
            var step = Deletion.Plan(target.Type, next, options, parts.Time.GetUtcNow());
            var isDryRun = target.IsDryRun || options.IsDryRun;
            if (step == DeletionStep.Nothing)
            {
                return new DeleteOutcome(old, false);
            }

            if (isDryRun)
            {
                return new DeleteOutcome(
                    StoredObject.From(old.Type, old.Key, old.Revision, next), step == DeletionStep.Remove);
            }

            if (await TryAsync(old, next, step, cancellationToken) is { } outcome)
            {
                return outcome;
            }
        }

        throw new RefusedException(KubeStatus.Modified(target.Subject));
    }

    private async Task<DeleteOutcome?> TryAsync(
        StoredObject old, JsonObject next, DeletionStep step, CancellationToken cancellationToken)
    {
        if (step == DeletionStep.Remove)
        {
            return await parts.Writer.RemoveAsync(old, cancellationToken) is { } revision
                ? new DeleteOutcome(StoredObject.From(old.Type, old.Key, revision, next), true)
                : null;
        }

        var write = new StoreWrite(old.Type, old.Key) { ExpectedRevision = old.Revision, Tree = next };
        var written = await store.WriteAsync(write, cancellationToken);
        return written.Object is { } marked ? new DeleteOutcome(marked, false) : null;
    }

    private static void CheckPreconditions(WriteTarget target, DeleteOptions options, StoredObject old)
    {
        if (options.PreconditionUid is { } uid && uid != old.Uid)
        {
            throw new RefusedException(KubeStatus.UidPrecondition(target.Subject, uid, old.Uid));
        }

        var current = JsonTree.Number(old.Revision);
        if (options.PreconditionRevision is { } revision && revision != current)
        {
            throw new RefusedException(KubeStatus.RevisionPrecondition(target.Subject, revision, current));
        }
    }

    // kube-apiserver answers with the object for these kinds, and with a Status for the others
    private static bool ReturnsObject(ApiRequest request) => request.Type.Kind is "Pod" or "Service";

    private static async Task<DeleteOptions> OptionsAsync(ApiRequest request)
    {
        var query = request.Http.Request.Query;
        var json = await RequestBody.ReadJsonAsync(request.Http.Request, request.Aborted);
        var body = json.Length == 0 ? [] : Parse(json);
        var grace = body["gracePeriodSeconds"].AsNumber() ?? Number(query["gracePeriodSeconds"]);
        if (grace < 0)
        {
            throw Invalid("gracePeriodSeconds", $"Invalid value: {grace}: must be greater than or equal to 0");
        }

        var orphans = (body["orphanDependents"] as JsonValue)?.TryGetValue<bool>(out var orphan) == true
            ? orphan ? "Orphan" : "Background"
            : null;
        var preconditions = body.ObjectAt("preconditions");
        return new DeleteOptions
        {
            GracePeriodSeconds = grace,
            Propagation = Propagation(body.TextAt("propagationPolicy") ?? query["propagationPolicy"]) ?? orphans,
            PreconditionUid = preconditions.TextAt("uid"),
            PreconditionRevision = preconditions.TextAt("resourceVersion"),
            IsDryRun = body.TextsAt("dryRun").Contains("All"),
        };
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static JsonObject Parse(byte[] json)
    {
        try
        {
            var body = JsonTree.Parse(json);
            return body.TextAt("kind") is null or "DeleteOptions"
                ? body
                : throw new RefusedException(KubeStatus.BadRequest(
                    $"the object provided is unrecognized (must be of type DeleteOptions): kind is {body["kind"]}"));
        }
        catch (JsonException e)
        {
            throw new RefusedException(KubeStatus.BadRequest(
                $"the object provided is unrecognized (must be of type DeleteOptions): {e.Message}"));
        }
    }

    private static string? Propagation(string? text) => text switch
    {
        null or "" => null,
        "Orphan" or "Foreground" or "Background" => text,
        _ => throw Invalid(
            "propagationPolicy",
            $"Unsupported value: \"{text}\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""),
    };

    private static string ReasonOf(string message) =>
        message.StartsWith("Unsupported", StringComparison.Ordinal) ? "FieldValueNotSupported" : "FieldValueInvalid";

    private static RefusedException Invalid(string field, string message) => new(KubeStatus.Invalid(
        new Subject("meta.k8s.io", "", "DeleteOptions", ""), [new StatusCause(ReasonOf(message), message, field)]));
}

/// <param name="Object">the last state, or the state as marked</param>
internal readonly record struct DeleteOutcome(StoredObject Object, bool IsRemoved);

internal sealed record DeleteParts(ObjectWriter Writer, ObjectResponse Response, TimeProvider Time);
