using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.Controllers.Namespaces;
using Mainstay.Kube;

namespace Mainstay.Controllers.Core;

/// <summary>Performs writes, one request each. The only place where the controllers change the cluster.</summary>
internal sealed class Writer(KubeHttp http, TimeProvider time, Random random)
{
    private const string Component = "mainstay-controllers";
    private readonly Lock _randomLock = new();

    /// <summary>The result; null when there was nothing (left) to change.</summary>
    public async Task<WriteResult?> PerformAsync(Write write, CancellationToken cancellationToken)
    {
        switch (write)
        {
            case CreateObject create:
                return await CreateAsync(create, cancellationToken);
            case PatchObject patch:
                return await PatchAsync(patch, cancellationToken);
            case DeleteObject delete:
                return await DeleteAsync(delete, cancellationToken);
            case BindPod bind:
                return await BindAsync(bind, cancellationToken);
            case ConfirmAlive confirm:
                await ConfirmAsync(confirm, cancellationToken);
                return null;
            case ConfirmGone confirm:
                await ConfirmAsync(confirm, cancellationToken);
                return null;
            case SweepNamespace sweep:
                await new NamespaceSweeper(http).SweepAsync(sweep, cancellationToken);
                return null;
            case RecordEvent note:
                await RecordAsync(note, cancellationToken);
                return null;
            default:
                throw new InvalidOperationException($"no way to perform {write.GetType().Name}");
        }
    }

    private async Task<WriteResult?> CreateAsync(CreateObject create, CancellationToken cancellationToken)
    {
        create.Body["apiVersion"] = create.Kind.ApiVersion;
        create.Body["kind"] = create.Kind.Kind;
        using var made = await http.CreateAsync(create.Kind.In(create.Key.Namespace), create.Body, cancellationToken);
        return Result(create, made);
    }

    private async Task<WriteResult?> PatchAsync(PatchObject patch, CancellationToken cancellationToken)
    {
        var request = new KubeRequest(HttpMethod.Patch, patch.Kind.PathOf(patch.Key, patch.Subresource))
        {
            Body = patch.Patch,
            ContentType = patch.Strategic ? KubeRequest.StrategicMergePatch : KubeRequest.MergePatch,
        };
        try
        {
            using var patched = await http.AnswerAsync(request, cancellationToken);
            return Result(patch, patched);
        }
        catch (KubeStatusException fault) when (fault.IsNotFound)
        {
            return null;
        }
    }

    private async Task<WriteResult?> DeleteAsync(DeleteObject delete, CancellationToken cancellationToken)
    {
        var options = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "DeleteOptions",
            ["propagationPolicy"] = delete.Foreground ? "Foreground" : "Background",
            ["preconditions"] = new JsonObject { ["uid"] = delete.Uid },
        };
        if (delete.GraceSeconds is { } seconds)
        {
            options["gracePeriodSeconds"] = seconds;
        }
        try
        {
            using var deleted = await http.DeleteAsync(delete.Kind.PathOf(delete.Key), options, cancellationToken);
            return new WriteResult(delete.Kind, delete.Key, 0, delete.Uid);
        }
        catch (KubeStatusException fault) when (fault.IsNotFound || fault.IsConflict)
        {
            // Gone, or another object by that name: either way the one that was meant is no more.
            return new WriteResult(delete.Kind, delete.Key, 0, delete.Uid);
        }
    }

    private async Task<WriteResult?> BindAsync(BindPod bind, CancellationToken cancellationToken)
    {
        var binding = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Binding",
            ["metadata"] = new JsonObject { ["name"] = bind.Key.Name, ["uid"] = bind.Uid },
            ["target"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = bind.Node },
        };
        using var bound = await http.CreateAsync(bind.Kind.PathOf(bind.Key, "binding"), binding, cancellationToken);
        return null;
    }

    private async Task ConfirmAsync(ConfirmAlive confirm, CancellationToken cancellationToken)
    {
        using var live = await http.GetAsync(confirm.Kind.PathOf(confirm.Key), cancellationToken);
        var meta = ObjectMeta.Read(live.RootElement);
        if (meta.Uid != confirm.Uid || meta.DeletionTimestamp is not null)
        {
            throw new KubeStatusException(HttpStatusCode.Conflict, "Conflict",
                $"{confirm.Kind.Kind} {confirm.Key} is being deleted or another one by now");
        }
    }

    private async Task ConfirmAsync(ConfirmGone confirm, CancellationToken cancellationToken)
    {
        try
        {
            using var live = await http.GetAsync(confirm.Kind.PathOf(confirm.Key), cancellationToken);
            if (confirm.Uid is null || ObjectMeta.Read(live.RootElement).Uid == confirm.Uid)
            {
                throw new KubeStatusException(HttpStatusCode.Conflict, "Conflict",
                    $"{confirm.Kind.Kind} {confirm.Key} is still there");
            }
        }
        catch (KubeStatusException fault) when (fault.IsNotFound)
        {
            // Confirmed.
        }
    }

    private async Task RecordAsync(RecordEvent note, CancellationToken cancellationToken)
    {
        var space = note.Key.Namespace.Length == 0 ? "default" : note.Key.Namespace;
        var now = Rfc3339(time.GetUtcNow());
        var name = $"{note.Key.Name}.{Chance():x15}";
        var body = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = space },
            ["involvedObject"] = new JsonObject
            {
                ["apiVersion"] = note.Kind.ApiVersion,
                ["kind"] = note.Kind.Kind,
                ["name"] = note.Key.Name,
                ["namespace"] = note.Key.Namespace.Length == 0 ? null : note.Key.Namespace,
                ["uid"] = note.Uid,
            },
            ["reason"] = note.Reason,
            ["message"] = note.Message.Length > Limits.EventMessageCharacters
                ? note.Message[..Limits.EventMessageCharacters] : note.Message,
            ["type"] = note.IsWarning ? "Warning" : "Normal",
            ["source"] = new JsonObject { ["component"] = Component },
            ["firstTimestamp"] = now,
            ["lastTimestamp"] = now,
            ["count"] = 1,
        };
        try
        {
            using var made = await http.CreateAsync(Kinds.Event.In(space), body, cancellationToken);
        }
        catch (KubeStatusException)
        {
            // A namespace that is being deleted takes no events; nothing depends on them.
        }
    }

    /// <summary>All loops write through this one, and a source of chance is not thread safe.</summary>
    private long Chance()
    {
        lock (_randomLock)
        {
            return random.NextInt64(1L << 60);
        }
    }

    public static string Rfc3339(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static WriteResult Result(Write write, JsonDocument answer)
    {
        var revision = answer.RootElement.Child("metadata")?.Text("resourceVersion");
        return new WriteResult(write.Kind, write.Key, Revisions.Parse(revision));
    }
}
