namespace Mainstay.Agent.Pods;

/// <summary>How soon a container that ended is started again: at once, then after First, doubling up to Cap.</summary>
/// <param name="Reset">a container that ran this long has earned a fresh back-off</param>
internal sealed record RestartPace(TimeSpan First, TimeSpan Cap, TimeSpan Reset)
{
    /// <summary>The kubelet's own figures, so that nobody has to learn others.</summary>
    public static readonly RestartPace Usual =
        new(Limits.RestartBackoffFirst, Limits.RestartBackoffCap, Limits.RestartBackoffReset);

    /// <summary>
    /// For what the node cannot do without: five minutes without a router is an outage, not a back-off.
    /// </summary>
    public static readonly RestartPace Critical =
        new(Limits.CriticalBackoffFirst, Limits.CriticalBackoffCap, Limits.CriticalBackoffReset);

    private const string NodeCritical = "system-node-critical";

    public static RestartPace Of(string? priorityClass) => priorityClass == NodeCritical ? Critical : Usual;
}
