using Mainstay.Agent.State;

namespace Mainstay.Agent.Pods;

/// <summary>Something worth a line in <c>kubectl describe</c>.</summary>
internal sealed record PodEvent(PodRecord Pod, bool IsWarning, string Reason, string Message, DateTimeOffset At);

/// <summary>Takes events; never waits, drops what is too much.</summary>
internal interface IPodEvents
{
    void Post(PodEvent podEvent);
}
