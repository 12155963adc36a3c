using k8s.Models;
using Mainstay.Agent.Processes;

namespace Mainstay.Agent.Pods;

/// <summary>What can happen to a pod, in the order in which its worker takes it.</summary>
internal abstract record PodInput
{
    /// <summary>The pod as it should be has changed.</summary>
    internal sealed record Updated(V1Pod Pod) : PodInput;

    internal sealed record StopAsked(PodStop Stop) : PodInput;

    internal sealed record Exited(string Container, int Attempt, ProcessExit Exit) : PodInput;

    internal sealed record StartupPassed(string Container, int Attempt) : PodInput;

    internal sealed record ReadinessChanged(string Container, int Attempt, bool Passed, string Message) : PodInput;

    internal sealed record ListeningChanged(string Container, int Attempt, string? Fault) : PodInput;

    /// <summary>
    /// A liveness or startup probe or a postStart hook failed for good: the container is to be stopped.
    /// </summary>
    internal sealed record Unhealthy(string Container, int Attempt, string Reason, TimeSpan? Grace) : PodInput;
}
