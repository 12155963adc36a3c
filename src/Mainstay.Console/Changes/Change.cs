namespace Mainstay.ConsoleSite.Changes;

/// <summary>Something that became different, as the change ledger keeps it.</summary>
public sealed record Change
{
    /// <summary>When it happened, or, where nobody told, when it was first seen.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who told: <c>kubernetes</c>, <c>store</c>, <c>api</c> or <c>action</c>.</summary>
    public required string Source { get; init; }

    /// <summary>
    /// The kind of the object: <c>Deployment</c>, <c>Service</c>, <c>Node</c>, <c>StoreMember</c>, ...
    /// </summary>
    public required string Kind { get; init; }

    /// <summary>Empty for what lies in none.</summary>
    public string Namespace { get; init; } = "";

    public required string Name { get; init; }

    /// <summary>A word of <see cref="ChangeWords"/>.</summary>
    public required string What { get; init; }

    /// <summary>A short sentence: from what to what. Never a value of a secret.</summary>
    public string Detail { get; init; } = "";

    /// <summary>Who did it, as far as it is known; else empty.</summary>
    public string Actor { get; init; } = "";

    /// <summary>
    /// The same change told twice has the same key, and is kept once: <c>Deployment/bank/payments/uid/revision/7</c>.
    /// </summary>
    public required string Key { get; init; }
}

/// <summary>What can have happened. Scripts rely on the words.</summary>
public static class ChangeWords
{
    public const string Deploy = "deploy";
    public const string Undo = "undo";
    public const string Scale = "scale";
    public const string ScaleToZero = "scale-to-zero";
    public const string Create = "create";
    public const string Delete = "delete";
    public const string NodeAdded = "node-added";
    public const string NodeRemoved = "node-removed";
    public const string NodeCordoned = "node-cordoned";
    public const string NodeUncordoned = "node-uncordoned";
    public const string NodeReady = "node-ready";
    public const string NodeNotReady = "node-not-ready";
    public const string MemberAdded = "member-added";
    public const string MemberRemoved = "member-removed";
    public const string Version = "version";
    public const string Config = "config";
    public const string Secret = "secret";
    public const string Action = "action";
}
