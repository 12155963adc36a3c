using Mainstay.Conformance.Platform;

namespace Mainstay.Conformance.ApiServer;

/// <summary>A store that a test may kill and start again over the same files.</summary>
internal sealed class ServedStore(Func<string, int, int, Child> start, string folder) : IDisposable
{
    private readonly int _port = FreePorts.Row(1);
    private readonly int _second = FreePorts.Row(1);
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
