using System.Text;

namespace Mainstay.Up;

/// <summary>
/// The platform's own parts as static pods: what runs on which node and with which words. One mechanism, the node
/// agent, starts, watches and restarts them, as kubeadm does it. API server number i stands on node i, our own store on
/// node 1.
/// </summary>
internal static class StaticPods
{
    public const string PlatformImage = "mainstay/mainstay:current";
    public const string RouterImage = "mainstay/router:current";
    public const string EtcdImage = "mainstay/etcd:current";

    /// <summary>The agent starts the next version beside the present one.</summary>
    private const string Surge = "\n  annotations:\n    mainstay.dev/surge: 'true'";

    /// <summary>Seconds a part may take to stop before it is killed.</summary>
    private const int StopSeconds = 10;

    /// <summary>The static pods of one node, by name of the part.</summary>
    public static IEnumerable<StaticPod> Of(PlatformPlan plan, NodePlan node)
    {
        foreach (var member in plan.EtcdMembers.Where(member => member.NodeName == node.Name))
        {
            yield return Etcd(plan, member, first: member == plan.EtcdMembers[0]);
        }

        if (node == plan.Nodes[0])
        {
            if (plan.EtcdMembers.Count == 0)
            {
                yield return Store(plan);
            }

        }

        if (plan.ApiServers.FirstOrDefault(server => server.NodeName == node.Name) is { } api)
        {
            yield return Api(plan, api);
        }

        if (node == plan.Nodes[0])
        {
            yield return Controllers(plan);
            yield return Console(plan);
            yield return StatusPage(plan);
        }

        yield return Router(plan, node);
    }

    /// <summary>Swapped in by rename: the agent never reads half a pod.</summary>
    public static void WriteManifest(string file, StaticPod pod)
    {
        File.WriteAllText(file + ".next", Manifest(pod));
        File.Move(file + ".next", file, overwrite: true);
    }

    public static string Manifest(StaticPod pod)
    {
        var text = new StringBuilder();
        text.Append(
            $"""
            apiVersion: v1
            kind: Pod
            metadata:{(pod.ServingFile is null ? "" : Surge)}
              name: {pod.Name}
              namespace: kube-system
              labels:
                app.kubernetes.io/name: {pod.Name}
                app.kubernetes.io/part-of: mainstay
            spec:
              hostNetwork: true
              priorityClassName: system-node-critical
              terminationGracePeriodSeconds: {StopSeconds}
              containers:
              - name: {pod.Name}
                image: {pod.Image}
                args:

            """);
        foreach (var word in pod.Arguments)
        {
            text.Append("    - ").Append(Quoted(word)).Append('\n');
        }

        text.Append(pod.ServingFile is { } file ? Serving(file) : "");
        text.Append(pod.HealthUrl is { } health ? Probe(health) : "");
        return text.ToString();
    }

    private static StaticPod Store(PlatformPlan plan) => new("store", PlatformImage)
    {
        Arguments =
        [
            "store", "--data-dir", plan.Data.Store, "--listen-client", plan.Store, "--listen-metrics", plan.StoreHealth,
        ],
        HealthUrl = new Uri($"http://{plan.StoreHealth}/livez"),
    };

    private static StaticPod Etcd(PlatformPlan plan, EtcdMemberPlan member, bool first)
    {
        var cluster = plan.EtcdMembers.Select(other => (other.Name, other.Peer));
        return Etcd(plan.Data, member, cluster, first ? $",http://{plan.Store}" : "");
    }

    /// <param name="cluster">name and peer address of every member; of use at its first start only</param>
    /// <param name="alsoListen">more client URLs, each after a comma</param>
    public static StaticPod Etcd(
        DataFolder data, EtcdMemberPlan member, IEnumerable<(string Name, string Peer)> cluster, string alsoListen) =>
        new(member.Name, EtcdImage)
        {
            Arguments =
            [
                "--name", member.Name, "--data-dir", data.EtcdMember(member.Name),
                "--listen-client-urls", $"http://{member.Client}{alsoListen}",
                "--advertise-client-urls", $"http://{member.Client}",
                "--listen-peer-urls", $"http://{member.Peer}", "--initial-advertise-peer-urls", $"http://{member.Peer}",
                "--initial-cluster", string.Join(',', cluster.Select(other => $"{other.Name}=http://{other.Peer}")),
                "--initial-cluster-state", member.Joined ? "existing" : "new",
                "--initial-cluster-token", "mainstay", "--auto-compaction-retention", "0",
            ],
            // Not /health, which fails without a leader: a member that waits for its quorum is alive, and to start it
            // anew would keep the quorum away for longer.
            HealthUrl = new Uri($"http://{member.Client}/version"),
        };

    private static StaticPod Api(PlatformPlan plan, ApiServerPlan server) => new("api", PlatformImage)
    {
        Arguments =
        [
            "api", "--etcd-servers", plan.StoreUrls, "--listen", server.Listen, "--pki-dir", plan.Data.Pki,
            "--token-auth-file", plan.Data.Tokens,
            .. plan.EtcdMembers.Count > 0 ? ["--etcd-members", plan.Data.EtcdMembers] : Array.Empty<string>(),
        ],
        HealthUrl = new Uri($"{server.Url}/livez"),
    };

    private static StaticPod Controllers(PlatformPlan plan) => new("controllers", PlatformImage)
    {
        Arguments =
        [
            "controllers", "--kubeconfig", plan.Data.ComponentKubeconfig("controllers"), "--listen", plan.Controllers,
            .. Protections.Words(plan.Options.Without, Protections.OfControllers),
        ],
        HealthUrl = new Uri($"http://{plan.Controllers}/healthz"),
    };

    private static StaticPod Console(PlatformPlan plan) => new("console", PlatformImage)
    {
        Arguments =
        [
            "console", "--kubeconfig", plan.Data.ComponentKubeconfig("console"), "--listen", plan.Console,
            "--routers", string.Join(',', plan.Nodes.Select(node => $"http://{node.RouterAdmin}")),
            "--data-dir", plan.Data.ConsoleData,
            "--controllers", $"http://{plan.Controllers}", "--store-members", plan.StoreMembers,
            "--platform", plan.Data.Root,
        ],
        HealthUrl = new Uri($"http://{plan.Console}/healthz"),
    };

    /// <summary>It is given no credentials: it knows the platform through the console alone.</summary>
    private static StaticPod StatusPage(PlatformPlan plan) => new("status-page", PlatformImage)
    {
        Arguments =
        [
            "status-page", "--data-dir", plan.Data.ConsoleData, "--out", plan.Data.StatusPage,
            "--listen", plan.StatusPage, "--console", $"http://{plan.Console}",
        ],
        HealthUrl = new Uri($"http://{plan.StatusPage}/healthz"),
    };

    private static StaticPod Router(PlatformPlan plan, NodePlan node)
    {
        var first = node == plan.Nodes[0];
        return new StaticPod("router", RouterImage)
        {
            Arguments =
            [
                "--node", node.Name, "--kubeconfig", plan.Data.ComponentKubeconfig($"router-{node.Name}"),
                "--agent", $"http://{node.Agent}", "--pod-port", $"{PlatformPlan.PodRouterPort}",
                "--listen", first ? $"{node.Router},{plan.Router}" : node.Router,
                "--admin", first ? $"{node.RouterAdmin},{plan.RouterAdmin}" : node.RouterAdmin,
                "--data-dir", plan.Data.RouterData(node.Name), "--instance", "$(POD_UID)",
                .. Protections.Words(plan.Options.Without, Protections.OfRouters),
            ],
            HealthUrl = new Uri($"http://{node.RouterAdmin}/healthz"),
            ServingFile = Path.Combine(plan.Data.RouterData(node.Name), "serving"),
        };
    }

    /// <summary>
    /// It has started once the file names this very pod: the addresses may be the old one's until then.
    /// </summary>
    private static string Serving(string file) =>
        $"""
            env:
            - name: POD_UID
              valueFrom:
                fieldRef:
                  fieldPath: metadata.uid
            startupProbe:
              exec:
                command:
                - /bin/sh
                - '-c'
                - 'read -r pid start pod <"$1" && [ "$pod" = "$POD_UID" ]'
                - serving
                - {Quoted(file)}
              periodSeconds: 1
              failureThreshold: 120

        """;

    private static string Probe(Uri health) =>
        $"""
            livenessProbe:
              httpGet:
                scheme: {health.Scheme.ToUpperInvariant()}
                host: {health.Host}
                port: {health.Port}
                path: {health.AbsolutePath}
              initialDelaySeconds: 10
              periodSeconds: 5
              timeoutSeconds: 3
              failureThreshold: 6

        """;

    private static string Quoted(string word) => $"'{word.Replace("'", "''", StringComparison.Ordinal)}'";
}

/// <summary>One part of the platform on one node.</summary>
internal sealed record StaticPod(string Name, string Image)
{
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>
    /// A file that names the pod that serves. Where there is one, the next version is started beside the old.
    /// </summary>
    public string? ServingFile { get; init; }

    /// <summary>Where its liveness is asked, or null for none.</summary>
    public Uri? HealthUrl { get; init; }
}
