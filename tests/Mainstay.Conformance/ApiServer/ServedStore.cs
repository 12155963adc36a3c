namespace Mainstay.Conformance.ApiServer;

/// <summary>A store that a test may kill and start again over the same files.</summary>
internal sealed class ServedStore(Func<string, int, int, Child> start, string folder) : IDisposable
{
    private readonly int _port = Child.FreePort();
    private readonly int _second = Child.FreePort();
    private Child? _child;

    public string Address => $"http://127.0.0.1:{_port}";

    public void Start() => _child = start(folder, _port, _second);

    public void Kill()
    {
        _child?.Dispose();
        _child = null;
    }

    public void Dispose() => Kill();

    public static ServedStore Ours(string folder) => new(
        (data, port, second) => Child.Start(
            Peers.Mainstay,
            "store",
            "--data-dir", Path.Combine(data, "store"),
            "--listen-client", $"127.0.0.1:{port}",
            "--listen-metrics", $"127.0.0.1:{second}"),
        folder);

    public static ServedStore Debian(string folder) => new(
        (data, port, second) => Child.Start(
            "etcd",
            "--data-dir", Path.Combine(data, "etcd"),
            "--listen-client-urls", $"http://127.0.0.1:{port}",
            "--advertise-client-urls", $"http://127.0.0.1:{port}",
            "--listen-peer-urls", $"http://127.0.0.1:{second}",
            "--initial-advertise-peer-urls", $"http://127.0.0.1:{second}",
            "--initial-cluster", $"default=http://127.0.0.1:{second}"),
        folder);
}

/// <summary>Where the programs are that the tests run.</summary>
internal static class Peers
{
    public static string Mainstay { get; } =
        Path.Combine(Root(), "src", "Mainstay", "bin", "Release", "net10.0", "mainstay");

    /// <summary>kube-apiserver as Debian's sources build it; null on a machine that has not built it.</summary>
    public static string? KubeApiServer
    {
        get
        {
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            var path = Path.Combine(home, ".cache", "mainstay-peers", "kubernetes-1.20.2", "kube-apiserver");
            return File.Exists(path) ? path : null;
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Mainstay.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("the tests do not stand in the source tree");
    }
}
