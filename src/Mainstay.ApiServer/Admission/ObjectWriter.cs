using System.Text.Json.Nodes;
using Mainstay.ApiServer.Http;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Storage;

namespace Mainstay.ApiServer.Admission;

/// <param name="IsCreated">whether a PUT made the object</param>
/// <param name="IsRemoved">whether the update let go of the last finalizer, so that the object is gone</param>
internal readonly record struct UpdateOutcome(StoredObject Object, bool IsCreated, bool IsRemoved);

/// <summary>
/// The way of an object from a request into the store:
/// <code>
/// read the newest (update) -> apply the change -> identity and preconditions -> defaults -> what the server keeps
///   -> admission (namespace, addresses) -> validation -> unchanged? then nothing -> one transaction
/// </code>
/// A transaction that finds another revision than expected starts over, unless the client named the revision.
/// </summary>
internal sealed class ObjectWriter(ObjectStore store, WriterParts parts)
{
    public async Task<StoredObject> CreateAsync(
        WriteTarget target, JsonObject tree, CancellationToken cancellationToken)
    {
        var metadata = tree.Ensure("metadata");
        CheckPlace(target, metadata);
        var prefix = metadata.TextIn("name").Length == 0 ? metadata.TextIn("generateName") : "";
        for (var attempt = 1; ; attempt++)
        {
            var fresh = JsonTree.Clone(tree);
            if (prefix.Length > 0)
            {
                fresh.Ensure("metadata")["name"] = parts.Ids.Name(prefix);
            }

            var named = target with { Name = fresh.TextIn("metadata", "name") };
            if (await TryCreateAsync(named, fresh, cancellationToken) is { } created)
            {
                return created;
            }

            if (prefix.Length == 0)
            {
                throw new RefusedException(KubeStatus.AlreadyExists(named.Subject));
            }

            if (attempt == Limits.GenerateNameTriesMax)
            {
                throw new RefusedException(KubeStatus.GenerateNameTaken(named.Subject));
            }
        }
    }

    public async Task<UpdateOutcome> UpdateAsync(
        WriteTarget target, ObjectChange change, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt <= Limits.ConflictRetriesMax; attempt++)
        {
            var old = await store.GetAsync(target.Type, target.Key, cancellationToken)
                ?? throw new RefusedException(KubeStatus.NotFound(target.Subject));
            var before = old.ToTree();
            var next = change.Apply(JsonTree.Clone(before));
            var isPinned = CheckIdentity(target, change, next, old);
            var plan = new UpdatePlan(target, change.Part, old, before, next);
            if (await TryUpdateAsync(plan, cancellationToken) is { } outcome)
            {
                return outcome;
            }

            if (isPinned)
            {
                break;
            }
        }

        throw new RefusedException(KubeStatus.Modified(target.Subject));
    }

    /// <summary>Removes the object at exactly this revision.</summary>
    /// <returns>the revision of the removal; null when the object is not at the revision any more</returns>
    public async Task<long?> RemoveAsync(StoredObject old, CancellationToken cancellationToken)
    {
        var release = ServiceAddresses.AppliesTo(old.Type) ? parts.Addresses.Claims(null, old.ToTree()).Release : [];
        var write = new StoreWrite(old.Type, old.Key)
        {
            ExpectedRevision = old.Revision, Tree = null, Release = release,
        };
        var outcome = await store.WriteAsync(write, cancellationToken);
        return outcome.Result == StoreWriteResult.Done ? outcome.Revision : null;
    }

    // === create ===

    private async Task<StoredObject?> TryCreateAsync(
        WriteTarget target, JsonObject tree, CancellationToken cancellationToken)
    {
        await parts.Namespaces.CheckAsync(target, cancellationToken);
        var metadata = tree.Ensure("metadata");
        metadata.Remove("managedFields");
        metadata["uid"] = parts.Ids.Uid();
        metadata["creationTimestamp"] = Timestamp.Seconds(parts.Time.GetUtcNow());
        Defaults.Apply(target.Type.Schema, tree);
        target.Type.PrepareForCreate(tree);
        target.RefuseIfAny(target.Type.ValidateForCreate(tree));
        var isService = ServiceAddresses.AppliesTo(target.Type);
        var assigns = isService && ServiceAddresses.Wants(tree);
        for (var attempt = 0; attempt < Limits.ServiceAddressTriesMax; attempt++)
        {
            if (assigns)
            {
                parts.Addresses.Assign(tree);
            }

            var take = isService ? parts.Addresses.Claims(tree, null).Take : [];
            if (target.IsDryRun)
            {
                var exists = await store.GetAsync(target.Type, target.Key, cancellationToken) is not null;
                return exists ? null : StoredObject.From(target.Type, target.Key, 0, tree);
            }

            var write = new StoreWrite(target.Type, target.Key) { ExpectedRevision = 0, Tree = tree, Take = take };
            var outcome = await WriteAsync(write, cancellationToken);
            switch (outcome.Result)
            {
                case StoreWriteResult.Done:
                    return outcome.Object;
                case StoreWriteResult.Changed:
                    return null;
                case StoreWriteResult.ClaimTaken when !assigns:
                    throw ServiceAddresses.Taken(tree);
            }
        }

        throw new RefusedException(KubeStatus.Internal("failed to allocate a serviceIP: the range is nearly full"));
    }

    private static void CheckPlace(WriteTarget target, JsonObject metadata)
    {
        if (metadata.TextIn("resourceVersion").Length > 0)
        {
            throw new RefusedException(
                KubeStatus.BadRequest("resourceVersion should not be set on objects to be created"));
        }

        CheckNamespace(target, metadata);
    }

    private static void CheckNamespace(WriteTarget target, JsonObject metadata)
    {
        if (!target.Type.IsNamespaced)
        {
            return;
        }

        var ns = metadata.TextIn("namespace");
        if (ns.Length > 0 && ns != target.Namespace)
        {
            throw new RefusedException(KubeStatus.BadRequest(
                "the namespace of the provided object does not match the namespace sent on the request"));
        }

        metadata["namespace"] = target.Namespace;
    }

    // === update ===

    /// <returns>whether the client named the revision it means</returns>
    private static bool CheckIdentity(WriteTarget target, ObjectChange change, JsonObject next, StoredObject old)
    {
        var metadata = next.Ensure("metadata");
        CheckNamespace(target, metadata);
        var name = metadata.TextIn("name");
        if (name.Length > 0 && name != target.Name)
        {
            throw new RefusedException(KubeStatus.BadRequest(
                $"the name of the object ({name}) does not match the name on the URL ({target.Name})"));
        }

        metadata["name"] = target.Name;
        var uid = metadata.TextIn("uid");
        if (uid.Length > 0 && uid != old.Uid)
        {
            throw new RefusedException(KubeStatus.UidPrecondition(target.Subject, uid, old.Uid));
        }

        var revision = metadata.TextIn("resourceVersion");
        if (revision.Length == 0 && !change.IsRelative && !target.Type.Strategy.AllowsUnconditionalUpdate)
        {
            throw new RefusedException(KubeStatus.Invalid(
                target.Subject,
                [
                    new StatusCause(
                        "FieldValueInvalid",
                        "Invalid value: 0x0: must be specified for an update",
                        "metadata.resourceVersion"),
                ]));
        }

        var current = JsonTree.Number(old.Revision);
        if (revision.Length > 0 && revision != current)
        {
            throw new RefusedException(KubeStatus.Modified(target.Subject));
        }

        metadata["resourceVersion"] = current;
        return revision.Length > 0;
    }

    private async Task<UpdateOutcome?> TryUpdateAsync(UpdatePlan plan, CancellationToken cancellationToken)
    {
        var (target, part, old, before, next) = plan;
        Prepare(target, part, before, next);
        if (JsonReading.Same(next, before))
        {
            return new UpdateOutcome(old, false, false);
        }

        var finished = Deletion.IsFinished(target.Type, next);
        if (target.IsDryRun)
        {
            return new UpdateOutcome(StoredObject.From(target.Type, old.Key, old.Revision, next), false, finished);
        }

        if (finished)
        {
            var removedAt = await RemoveAsync(old, cancellationToken);
            return removedAt is null
                ? null
                : new UpdateOutcome(StoredObject.From(target.Type, old.Key, removedAt.Value, next), false, true);
        }

        var isService = ServiceAddresses.AppliesTo(target.Type);
        var assigns = isService && ServiceAddresses.Wants(next);
        if (assigns)
        {
            parts.Addresses.Assign(next);
        }

        var (take, release) = isService ? parts.Addresses.Claims(next, before) : ([], []);
        var write = new StoreWrite(target.Type, old.Key)
        {
            ExpectedRevision = old.Revision, Tree = next, Take = take, Release = release,
        };
        var outcome = await WriteAsync(write, cancellationToken);
        if (outcome.Result == StoreWriteResult.ClaimTaken && !assigns)
        {
            throw ServiceAddresses.Taken(next);
        }

        return outcome.Object is { } written ? new UpdateOutcome(written, false, false) : null;
    }

    private static void Prepare(WriteTarget target, UpdatePart part, JsonObject before, JsonObject next)
    {
        next.Ensure("metadata").Remove("managedFields");
        next.Ensure("metadata").Remove("selfLink");
        Defaults.Apply(target.Type.Schema, next);
        switch (part)
        {
            case UpdatePart.Main:
                target.Type.PrepareForUpdate(next, before);
                target.RefuseIfAny(target.Type.ValidateForUpdate(next, before));
                break;
            case UpdatePart.Status:
                target.Type.PrepareForStatusUpdate(next, before);
                target.RefuseIfAny(target.Type.ValidateForStatusUpdate(next, before));
                break;
        }
    }

    // === both ===

    /// <summary>Writes; what expires gets its lease.</summary>
    private async Task<StoreWriteOutcome> WriteAsync(StoreWrite write, CancellationToken cancellationToken)
    {
        if (!IsTransient(write.Type))
        {
            return await store.WriteAsync(write, cancellationToken);
        }

        var lease = await parts.Leases.CurrentAsync(cancellationToken);
        var outcome = await store.WriteAsync(write with { LeaseId = lease }, cancellationToken);
        if (outcome.Result != StoreWriteResult.LeaseGone)
        {
            return outcome;
        }

        parts.Leases.Forget();
        lease = await parts.Leases.CurrentAsync(cancellationToken);
        return await store.WriteAsync(write with { LeaseId = lease }, cancellationToken);
    }

    private static bool IsTransient(ResourceType type) => type.Plural == "events";

    private sealed record UpdatePlan(
        WriteTarget Target, UpdatePart Part, StoredObject Old, JsonObject Before, JsonObject Next);
}

/// <summary>What the writer needs besides the store.</summary>
internal sealed record WriterParts(
    NamespaceAdmission Namespaces, ServiceAddresses Addresses, EventLeases Leases, Ids Ids, TimeProvider Time);
