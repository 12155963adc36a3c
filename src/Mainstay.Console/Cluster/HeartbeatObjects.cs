namespace Mainstay.ConsoleSite.Cluster;

/// <summary>The routers' heartbeat is a Service, too, and nobody's service: <c>docs/seams.md</c>.</summary>
internal static class HeartbeatObjects
{
    /// <summary>A label selector that leaves it out.</summary>
    public const string AreNot = "!mainstay.dev/heartbeat";
}
