using System.Collections.Immutable;
using System.Text.Json;

namespace Mainstay.Kube;

/// <summary>
/// Makes a value of an object. The element is valid during the call only. An exception means that the object makes no
/// sense: it alone is quarantined, under the exception's message.
/// </summary>
public delegate T ObjectReader<out T>(JsonElement kubeObject);

/// <summary>
/// Takes what a <see cref="Reflector{T}"/> learns, in order, on the reflector's own loop: be quick, do not throw.
/// </summary>
public interface IReflectorHandler<T>
    where T : class
{
    /// <summary>The whole truth at a revision: what is not in it is gone.</summary>
    void Replaced(IReadOnlyDictionary<ObjectKey, T> objects, string revision);

    /// <summary>One object was added or changed.</summary>
    void Changed(ObjectKey key, T value, string revision);

    /// <summary>One object is gone. The last payload is never state, so there is none here.</summary>
    void Deleted(ObjectKey key, string revision);

    /// <summary>An object makes no sense; its last good value, if it had one, stays in use.</summary>
    void Quarantined(QuarantinedObject quarantined)
    {
    }

    /// <summary>An object that was quarantined makes sense again or is gone.</summary>
    void Released(QuarantinedObject quarantined)
    {
    }

    /// <summary>
    /// A list that was asked for by <see cref="Reflector{T}.Relist"/> differs from what was known before: the watch had
    /// not told. Comes right before <see cref="Replaced"/>.
    /// </summary>
    void Repaired(ReflectorRepair repair)
    {
    }

    /// <summary>The way to the server is disturbed; the reflector tries again by itself.</summary>
    void Disturbed(ReflectorDisturbance disturbance)
    {
    }
}

/// <summary>An object that its reader cannot make sense of.</summary>
public sealed record QuarantinedObject(string Kind, ObjectKey Key, string Reason, DateTimeOffset Since)
{
    /// <summary>Whether a value from before is still in use.</summary>
    public bool HasLastGood { get; init; }
}

/// <summary>What a list that was asked for found the watch to have missed.</summary>
/// <param name="Reason">why the list was asked for</param>
/// <param name="Missing">objects that were not known</param>
/// <param name="Changed">objects that were known at another revision</param>
/// <param name="Gone">objects that were known and are no more</param>
public sealed record ReflectorRepair(
    string Reason, ImmutableArray<ObjectKey> Missing, ImmutableArray<ObjectKey> Changed, ImmutableArray<ObjectKey> Gone)
{
    public int Count => Missing.Length + Changed.Length + Gone.Length;
}

/// <param name="Server">where</param>
/// <param name="Reason">one line</param>
/// <param name="NextTryIn">how long the reflector waits</param>
/// <param name="ListsAgain">whether it must list, because its revision is lost</param>
public sealed record ReflectorDisturbance(Uri Server, string Reason, TimeSpan NextTryIn, bool ListsAgain)
{
    /// <summary>The server does not know the collection: it may have been replaced by a newer one.</summary>
    public bool IsNotFound { get; init; }
}

public enum ReflectorPhase
{
    /// <summary>No list yet, and no connection.</summary>
    Starting,

    /// <summary>Reading the whole list.</summary>
    Listing,

    /// <summary>A watch is open.</summary>
    Watching,

    /// <summary>Waiting before the next try.</summary>
    BackingOff,
}

/// <summary>How fresh a reflector is. What it holds was what the server knew <see cref="HeardAgo"/> ago.</summary>
/// <param name="Phase">what it does now</param>
/// <param name="Synced">whether a list has been read since the start</param>
/// <param name="Revision">the last revision heard of; empty before the first list</param>
/// <param name="HeardAgo">time since anything came from the server; null when nothing ever came</param>
/// <param name="Server">where it listens</param>
public sealed record ReflectorStatus(
    ReflectorPhase Phase, bool Synced, string Revision, TimeSpan? HeardAgo, Uri Server)
{
    /// <summary>Why the last try failed; empty while a watch is open.</summary>
    public string LastFault { get; init; } = "";

    /// <summary>Whole lists read so far.</summary>
    public long Lists { get; init; }

    /// <summary>Watches opened so far.</summary>
    public long Watches { get; init; }
}
