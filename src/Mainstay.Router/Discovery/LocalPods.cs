using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <param name="Address">the pod's own</param>
/// <param name="Caller">who calls from there</param>
internal sealed record LocalPod(IPAddress Address, Caller Caller);

/// <summary>
/// What an agent says of its node: who lives at which address. Pods on the host's own network are not in its list
/// (<c>docs/seams.md</c>), so of the host's address it says nothing.
/// </summary>
/// <param name="Host">the node's own address</param>
/// <param name="Pods">those with an address of their own</param>
internal sealed record AgentPodList(string Host, ImmutableArray<LocalPod> Pods)
{
    /// <summary>Whether the address is another pod's now, or nobody's, and so no longer this one's.</summary>
    public bool Denies(SliceAddress address) =>
        address.Uid.Length > 0 && address.Address != Host &&
        !Pods.Any(pod => pod.Address.ToString() == address.Address && pod.Caller.Uid == address.Uid);
}

/// <summary>
/// A line of the agent's list of local pods. A pod that makes no sense, or has no address yet, is left out; the others
/// are
/// taken. Several pods on one address cannot be told apart, so the first one stands.
/// </summary>
internal static class LocalPods
{
    /// <exception cref="JsonException">the line is no JSON</exception>
    public static ImmutableArray<LocalPod> Read(ReadOnlyMemory<byte> line)
    {
        using var document = JsonDocument.Parse(line);
        var pods = new Dictionary<IPAddress, LocalPod>();
        foreach (var item in document.RootElement.Items("pods"))
        {
            if (ReadPod(item) is { } pod)
            {
                pods.TryAdd(pod.Address, pod);
            }
        }

        return [.. pods.Values];
    }

    private static LocalPod? ReadPod(JsonElement pod)
    {
        try
        {
            return IPAddress.TryParse(pod.Text("ip"), out var address)
                ? new LocalPod(address, new Caller(pod.Text("namespace"), pod.Text("name"), pod.Text("uid")))
                : null;
        }
        catch (MalformedObjectException)
        {
            return null;
        }
    }
}
