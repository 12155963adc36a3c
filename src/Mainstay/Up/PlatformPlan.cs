using Mainstay.Store;

namespace Mainstay.Up;

/// <summary>
/// Where everything of one platform listens and lies: a pure function of the options. For two nodes in two zones and no
/// offsets, node-1 is 127.17.0.1 in zone-a, node-2 is 127.18.0.1 in zone-b, and the API server is 127.0.0.1:6443.
/// </summary>
internal sealed record PlatformPlan(UpOptions Options, PlatformPrograms Programs)
{
    public DataFolder Data { get; } = new(Options.DataFolder);

    public IReadOnlyList<NodePlan> Nodes { get; } =
        [.. Enumerable.Range(1, Options.Nodes).Select(n => NodePlan.Of(n, Options))];

    /// <summary>Those of the options, or of the book of a platform that was grown or shrunk since.</summary>
    public IReadOnlyList<EtcdMemberPlan> EtcdMembers { get; init; } = Options.Store == StoreKind.Etcd
        ? [.. Enumerable.Range(0, Options.Members).Select(i => EtcdMemberPlan.Of(i, Options))]
        : [];

    public IReadOnlyList<ApiServerPlan> ApiServers { get; } =
        [.. Enumerable.Range(1, Options.ApiServers).Select(n => ApiServerPlan.Of(n, Options))];

    public string ApiUrl => ApiServers[0].Url;

    public string Store => $"127.0.0.1:{2379 + Options.PortOffset}";

    public string StoreHealth => $"127.0.0.1:{2381 + Options.PortOffset}";

    public string Controllers => $"127.0.0.1:{10257 + Options.PortOffset}";

    public string Console => $"127.0.0.1:{7070 + Options.PortOffset}";

    /// <summary>The public page.</summary>
    public string StatusPage => $"127.0.0.1:{7080 + Options.PortOffset}";

    public string Router => $"127.0.0.1:{RouterPort}";

    public string RouterAdmin => $"127.0.0.1:{9990 + Options.PortOffset}";

    /// <summary>
    /// Pods are told of this port by nobody: it is the same on every platform, and pods of two platforms differ in
    /// address.
    /// </summary>
    public static int PodRouterPort => 4140;

    public int RouterPort => 4140 + Options.PortOffset;

    /// <summary>The addresses of the store as the API server dials them.</summary>
    public string StoreUrls => EtcdMembers.Count == 0
        ? $"http://{Store}"
        : string.Join(',', EtcdMembers.Select(member => $"http://{member.Client}"));

    /// <summary>
    /// The store's members, by the names that it gives them, as the console asks them for their health.
    /// </summary>
    public string StoreMembers => EtcdMembers.Count == 0
        ? $"{StoreHost.MemberName}=http://{StoreHealth}"
        : string.Join(',', EtcdMembers.Select(member => $"{member.Name}=http://{member.Client}"));

    /// <summary>
    /// All API servers in the order in which a part of this node tries them: its own node's first, where it has one,
    /// so that readers spread over the servers and lose none of them.
    /// </summary>
    public IEnumerable<Uri> ApiUrlsFrom(NodePlan node)
    {
        var first = Nodes.ToList().IndexOf(node) % ApiServers.Count;
        return ApiServers.Skip(first).Concat(ApiServers.Take(first)).Select(server => new Uri(server.Url));
    }

    /// <summary>Where each part but the API servers says whether it is ready.</summary>
    public IReadOnlyDictionary<string, string> HealthUrls()
    {
        var urls = new Dictionary<string, string>
        {
            ["controllers"] = $"http://{Controllers}/readyz",
            ["console"] = $"http://{Console}/healthz",
            ["status-page"] = $"http://{StatusPage}/healthz",
        };
        if (EtcdMembers.Count == 0)
        {
            urls["store"] = $"http://{StoreHealth}/readyz";
        }

        foreach (var member in EtcdMembers)
        {
            urls[member.Name] = $"http://{member.Client}/health";
        }

        foreach (var node in Nodes)
        {
            urls[$"agent {node.Name}"] = $"http://{node.Agent}/readyz";
            urls[$"router {node.Name}"] = $"http://{node.RouterAdmin}/readyz";
        }

        return urls;
    }

    /// <summary>Every fixed address that something of the platform will listen on.</summary>
    public IEnumerable<string> ListenAddresses()
    {
        string[] control = [Controllers, Console, StatusPage, Router, RouterAdmin];
        IEnumerable<string> store = EtcdMembers.Count == 0
            ? [Store, StoreHealth]
            : EtcdMembers.SelectMany(member => new[] { member.Client, member.Peer }).Append(Store);
        return control.Concat(store)
            .Concat(ApiServers.Select(server => server.Listen))
            .Concat(Nodes.SelectMany(node => new[] { node.Agent, node.Router, node.RouterAdmin }));
    }
}

/// <summary>The programs that the platform is made of.</summary>
/// <param name="Mainstay">this program</param>
/// <param name="Router">the router alone; absent where no linker was installed when it was built</param>
/// <param name="BankFolder">the folder of the sample bank's program</param>
/// <param name="SamplesFolder">the folder of the sample's manifests and images</param>
internal sealed record PlatformPrograms(string Mainstay, string? Router, string BankFolder, string SamplesFolder);

/// <summary>One node agent and what it is given.</summary>
internal sealed record NodePlan(string Name, string Address, string PodCidr, string Zone)
{
    public string Agent => $"{Address}:10250";

    public string Router => $"{Address}:{PlatformPlan.PodRouterPort}";

    public string RouterAdmin => $"{Address}:9990";

    public static NodePlan Of(int number, UpOptions options)
    {
        var second = 16 + options.NodeOffset + number;
        var zone = (char)('a' + ((number - 1) % options.Zones));
        return new NodePlan($"node-{number}", $"127.{second}.0.1", $"127.{second}.0.0/16", $"zone-{zone}");
    }
}

/// <summary>One API server: the first on 127.0.0.1, each further one on the address of its node.</summary>
/// <param name="NodeName">the node whose agent runs it</param>
/// <param name="Listen">address and port</param>
internal sealed record ApiServerPlan(string NodeName, string Listen)
{
    public string Url => $"https://{Listen}";

    public static ApiServerPlan Of(int number, UpOptions options)
    {
        var node = NodePlan.Of(number, options);
        return new ApiServerPlan(
            node.Name, number == 1 ? $"127.0.0.1:{6443 + options.PortOffset}" : $"{node.Address}:6443");
    }
}

/// <summary>One member of etcd: it lives on a node, round robin, so that members spread over the zones.</summary>
/// <param name="Name">etcd-0, etcd-1, ...</param>
/// <param name="NodeName">the node whose agent runs it</param>
/// <param name="Client">address of its client port</param>
/// <param name="Peer">address of its peer port</param>
internal sealed record EtcdMemberPlan(string Name, string NodeName, string Client, string Peer)
{
    /// <summary>It joins a cluster that runs, as against founding it with the others.</summary>
    public bool Joined { get; init; }

    /// <summary>The client port of the n-th member of one node, from 0; its peer port is one more.</summary>
    public static int ClientPort(int round) => 2379 + (10 * round);

    public static EtcdMemberPlan Of(int index, UpOptions options)
    {
        var node = NodePlan.Of((index % options.Nodes) + 1, options);
        var port = ClientPort(index / options.Nodes);
        return new EtcdMemberPlan(
            $"etcd-{index}", node.Name, $"{node.Address}:{port}", $"{node.Address}:{port + 1}");
    }
}
