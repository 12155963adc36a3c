using System.Collections.Immutable;
using Mainstay.Agent.Processes;

namespace Mainstay.Agent.Probes;

/// <summary>
/// A container with an address of its own is ready only if its own processes listen there, on each declared port. Pods
/// share one network, so a wildcard listener would answer for every pod of the machine, and a stranger on the pod's
/// address would be taken for the pod.
/// </summary>
internal static class ListeningRule
{
    /// <param name="owned">whether a process of the container holds the socket with this inode</param>
    /// <returns>null if all is well, else what is not, in words</returns>
    public static string? Fault(
        string ip, IEnumerable<int> ports, ImmutableArray<Listener> listeners, Func<long, bool> owned)
    {
        foreach (var port in ports)
        {
            var onPort = listeners.Where(listener => listener.Port == port).ToList();
            if (onPort.Any(listener => listener.Address.ToString() == ip && owned(listener.Inode)))
            {
                if (onPort.FirstOrDefault(listener => listener.IsWildcard && owned(listener.Inode)) is { } also)
                {
                    return Wildcard(also, ip);
                }

                continue;
            }

            return onPort.FirstOrDefault(listener => listener.IsWildcard && owned(listener.Inode)) is { } wildcard
                ? Wildcard(wildcard, ip)
                : onPort.Any(listener => listener.Address.ToString() == ip)
                    ? $"{ip}:{port} is held by a process that is not the container's"
                    : $"does not listen on {ip}:{port} yet";
        }

        return null;
    }

    private static string Wildcard(Listener listener, string ip) =>
        $"listens on the wildcard address {listener.Address} port {listener.Port}, which would answer for every pod of "
        + $"this machine: it must listen on POD_IP, {ip}:{listener.Port}";
}

/// <summary>Whether sockets belong to a session; remembers the answer for as long as the socket exists.</summary>
internal sealed class SocketOwnership(Session session)
{
    private readonly HashSet<long> _owned = [];

    public bool Owns(long inode)
    {
        if (_owned.Contains(inode))
        {
            return true;
        }

        _owned.UnionWith(session.Members().SelectMany(member => ProcFs.SocketInodes(member.Pid)));
        return _owned.Contains(inode);
    }

    /// <summary>The numbers of closed sockets are used again, by anybody.</summary>
    public void Keep(IEnumerable<Listener> open) => _owned.IntersectWith(open.Select(listener => listener.Inode));
}
