using System.Collections.Immutable;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>
/// One thing that an action is done to: one router, one agent, one API server, one node, one service.
/// </summary>
/// <param name="Subject">as signals name it: <c>router/node-1</c></param>
/// <param name="Node">the node it lives on; empty for what lives on none</param>
/// <param name="Zone">the zone of that node; empty where it has none</param>
public sealed record ActionUnit(string Subject, string Node, string Zone)
{
    /// <summary>Share of all calls that pass through it, 0 to 1; null where nobody counts them.</summary>
    public double? TrafficShare { get; init; }

    /// <summary>Pods that are touched; null where it is not known.</summary>
    public int? Pods { get; init; }

    /// <summary>Services that have less capacity meanwhile, as <c>bank/payments</c>.</summary>
    public ImmutableArray<string> LessCapacity { get; init; } = [];
}

/// <summary>Whether a unit could start now.</summary>
public enum ProofResult
{
    /// <summary>A throw-away instance did it just now.</summary>
    Safe,

    /// <summary>A throw-away instance could not.</summary>
    Unsafe,

    /// <summary>Nobody tried, or it is too long ago.</summary>
    Unproven,

    /// <summary>This kind of unit has no proof; what it needs is checked instead.</summary>
    NotNeeded,
}

/// <summary>The answer of a unit's restart proof.</summary>
/// <param name="Hop">where the proof failed, as a subject such as <c>api/https://10.0.0.1:6443</c>; empty if
/// nowhere</param>
/// <param name="Culprit">the object at fault, where there is one</param>
public sealed record UnitProof(ProofResult Result, string Reason, string Hop, ObjectReference? Culprit)
{
    public static UnitProof None { get; } = new(ProofResult.NotNeeded, "", "", null);

    public static UnitProof Unproven(string reason) => new(ProofResult.Unproven, reason, "", null);
}

/// <summary>How a unit is at one moment.</summary>
/// <param name="Instance">other after a restart than before: a start time, a pid, a uid; empty when it is not
/// heard</param>
/// <param name="Well">it does its work</param>
/// <param name="Detail">why not, or a figure that shows it</param>
public sealed record UnitState(string Instance, bool Well, string Detail);

/// <summary>Something that a replacement needs in order to start.</summary>
/// <param name="Name">such as <c>api/https://127.0.0.1:6443</c>, <c>store quorum</c>, <c>image
/// mainstay/router</c></param>
/// <param name="Well">it is healthy now</param>
/// <param name="Detail">the figure, or why not</param>
public sealed record Need(string Name, bool Well, string Detail)
{
    /// <summary>False for what helps but can be done without; its absence is told and refuses nothing.</summary>
    public bool Required { get; init; } = true;
}
