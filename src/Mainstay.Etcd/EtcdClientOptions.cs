using System.Net.Security;

namespace Mainstay.Etcd;

/// <summary>Where etcd is and how long it may be silent. Each property says its default and unit.</summary>
public sealed class EtcdClientOptions
{
    /// <summary>
    /// Where the cluster is found: one or more addresses such as <c>http://127.0.0.1:2379</c>. A client that follows
    /// its members (<see cref="EtcdClient.FollowAsync"/>) learns the others, and keeps these as the way back.
    /// </summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>A call ends after this time, with an answer or without. Default 5 s.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A read that one member has not answered after this time is tried at the next. Default 2 s; of use only with
    /// several endpoints.
    /// </summary>
    public TimeSpan ReadTryTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A watch that has heard nothing for this time asks for a sign of life; after as long again without one it moves
    /// to another endpoint. Default 5 s.
    /// </summary>
    public TimeSpan WatchSilenceMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often each address is asked how it is, and the members are listed. Default 1 s.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A member that has not told its status within this time missed a probe; after two misses it is mute. Default
    /// 1.5 s: it answers from memory, and a loaded machine still does within some tenths.
    /// </summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>
    /// An HTTP/2 ping after this much silence while calls are open. Default 10 s: etcd refuses below 5 s.
    /// </summary>
    public TimeSpan PingDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A connection whose ping is not answered within this time is given up. Default 5 s.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// For <c>https://</c> endpoints: what to trust and which certificate to show. Default: the system's.
    /// </summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>
    /// Reads <c>http://host:port,http://host:port</c>; throws <see cref="FormatException"/> naming the bad part.
    /// </summary>
    public static IReadOnlyList<Uri> ParseEndpoints(string text)
    {
        var endpoints = new List<Uri>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var full = part.Contains("://", StringComparison.Ordinal) ? part : $"http://{part}";
            if (!Uri.TryCreate(full, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            {
                throw new FormatException($"etcd endpoint '{part}' is not an address such as http://127.0.0.1:2379");
            }

            endpoints.Add(uri);
        }

        return endpoints.Count > 0 ? endpoints : throw new FormatException("no etcd endpoint is given");
    }
}
