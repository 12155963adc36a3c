using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Http;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Admission;

/// <summary>The object that a write is about, as the path names it.</summary>
internal sealed record WriteTarget(ResourceType Type, string Namespace, string Name, bool IsDryRun)
{
    public string Key => Type.StorageKey(Namespace, Name);

    public Subject Subject => Type.SubjectOf(Name);

    /// <summary>Refuses the object when the schema finds fault with it.</summary>
    public void RefuseIfAny(FieldErrors errors)
    {
        if (!errors.IsEmpty)
        {
            throw new RefusedException(KubeStatus.Invalid(Subject, CausesOf(errors)));
        }
    }

    public static ImmutableArray<StatusCause> CausesOf(FieldErrors errors) =>
    [
        .. errors.All.Select(error => new StatusCause(error.Reason, error.Body, error.Field)),
    ];
}

/// <summary>Which part of an object an update may change.</summary>
internal enum UpdatePart
{
    /// <summary>All but status and what the server itself keeps.</summary>
    Main,

    /// <summary>The status, labels and annotations.</summary>
    Status,

    /// <summary>Whatever the server's own change changes: binding, finalizing, marking for deletion.</summary>
    Internal,
}

/// <summary>A change of one object.</summary>
/// <param name="Apply">makes the next state from a copy of the newest; may be called more than once</param>
internal sealed record ObjectChange(UpdatePart Part, Func<JsonObject, JsonObject> Apply)
{
    /// <summary>
    /// The next state is made from the newest one, so that without a revision it still overwrites nothing.
    /// </summary>
    public bool IsRelative { get; init; } = true;
}
