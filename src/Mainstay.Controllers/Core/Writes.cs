using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mainstay.Kube;

namespace Mainstay.Controllers.Core;

/// <summary>One thing that a reconciler wants done to the cluster. Performed in order by
/// <see cref="Writer"/>.</summary>
internal abstract record Write(KubeKind Kind, ObjectKey Key);

internal sealed record CreateObject(KubeKind Kind, ObjectKey Key, JsonObject Body) : Write(Kind, Key);

/// <summary>
/// A patch; one with <c>metadata.uid</c> or <c>metadata.resourceVersion</c> in it is refused where the object is
/// another one or has changed since it was read.
/// </summary>
internal sealed record PatchObject(KubeKind Kind, ObjectKey Key, JsonObject Patch) : Write(Kind, Key)
{
    public string Subresource { get; init; } = "";

    /// <summary>Strategic merge: lists are merged by their keys. Otherwise a merge patch: lists are replaced.</summary>
    public bool Strategic { get; init; }
}

/// <summary>Deletes the object if it is still the one with this uid.</summary>
internal sealed record DeleteObject(KubeKind Kind, ObjectKey Key, string Uid) : Write(Kind, Key)
{
    public int? GraceSeconds { get; init; }

    /// <summary>What it owns goes before it; otherwise after it.</summary>
    public bool Foreground { get; init; }
}

internal sealed record BindPod(ObjectKey Key, string Uid, string Node) : Write(Kinds.Pod, Key);

/// <summary>
/// Not a change but a condition for those behind it: that the object, asked for at its server, is this one and is not
/// being deleted. A cache may not know yet that an owner is gone, and what it adopts would be deleted with it.
/// </summary>
internal sealed record ConfirmAlive(KubeKind Kind, ObjectKey Key, string Uid) : Write(Kind, Key);

/// <summary>A condition like <see cref="ConfirmAlive"/>: that no such object is there, or only one with another
/// uid.</summary>
internal sealed record ConfirmGone(KubeKind Kind, ObjectKey Key, string? Uid) : Write(Kind, Key);

/// <summary>Empties a namespace that is being deleted, and finalizes it.</summary>
internal sealed record SweepNamespace(ObjectKey Key, string Uid) : Write(Kinds.Namespace, Key);

/// <summary>A note for people, beside the object. Losing one is no fault.</summary>
internal sealed record RecordEvent(KubeKind Kind, ObjectKey Key, string Uid) : Write(Kind, Key)
{
    public required string Reason { get; init; }
    public required string Message { get; init; }
    public bool IsWarning { get; init; }
}

/// <summary>What a reconciler found to do, and when it wants to look again by itself.</summary>
internal sealed record Outcome(ImmutableArray<Write> Writes, TimeSpan? Again = null)
{
    public static Outcome Nothing { get; } = new([]);
}
