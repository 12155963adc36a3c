namespace Mainstay.Up;

/// <summary>The paths under <c>--data</c>; <c>docs/seams.md</c> says what lies in each.</summary>
internal sealed record DataFolder(string Root)
{
    public string Kubeconfig => In("kubeconfig");

    public string Pki => In("pki");

    public string CaCertificate => In("pki/ca.crt");

    public string Auth => In("auth");

    public string Tokens => In("auth/tokens.csv");

    public string Images => In("images");

    public string Store => In("store");

    public string Volumes => In("volumes");

    public string ConsoleData => In("console");

    public string StatusPage => In("status-page");

    public string Up => In("up");

    public string Record => In("up/up.json");

    public string Lock => In("up/lock");

    public string Log => In("up/up.log");

    public string ComponentKubeconfig(string name) => In($"auth/{name}.kubeconfig");

    public string Nodes => In("nodes");

    public string Node(string name) => In($"nodes/{name}");

    public string Manifests(string node) => In($"nodes/{node}/manifests");

    public string RouterData(string node) => In($"nodes/{node}/router");

    public string AgentLog(string node) => In($"nodes/{node}/agent.log");

    public string EtcdMembers => In("etcd/members.json");

    public string EtcdMember(string name) => In($"etcd/{name}");

    private string In(string path) => Path.Combine(Root, path);
}
