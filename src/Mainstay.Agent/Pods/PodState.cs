using System.Collections.Immutable;
using Mainstay.Kernel;

namespace Mainstay.Agent.Pods;

/// <summary>The pod is to end.</summary>
/// <param name="Grace">from SIGTERM to SIGKILL</param>
internal sealed record PodStop(DateTimeOffset At, TimeSpan Grace, string Reason);

/// <summary>
/// All that is known of one pod on this node. The order of the containers is the pod's: init ones first.
/// </summary>
internal sealed record PodState(ImmutableArray<ContainerState> Containers)
{
    public DateTimeOffset? StartTime { get; init; }

    public PodStop? Stop { get; init; }

    /// <summary>Set once, when a pod with a deadline outlived it.</summary>
    public bool DeadlineExceeded { get; init; }

    public static PodState Fresh(PodShape shape) =>
        new([.. shape.All.Select(container => new ContainerState(container.Name))]);

    public ContainerState this[string name] =>
        Containers.FirstOrDefault(container => container.Name == name)
        ?? throw new InvariantException($"the pod has a container {name}");

    public PodState With(ContainerState container)
    {
        var index = Containers.IndexOf(this[container.Name]);
        return this with { Containers = Containers.SetItem(index, container) };
    }
}
