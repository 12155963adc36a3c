namespace Mainstay.Agent.Environments;

/// <summary>A container cannot be started now; it waits with this reason and is tried again.</summary>
/// <param name="reason">one of Kubernetes' own: CreateContainerConfigError, ErrImagePull, RunContainerError ...</param>
/// <param name="message">names the object at fault</param>
internal sealed class ContainerStartException(string reason, string message) : Exception(message)
{
    public string Reason { get; } = reason;

    public static ContainerStartException Config(string message) => new("CreateContainerConfigError", message);
}
