using System.Diagnostics;
using System.Security.Cryptography;
using Mainstay.Conformance.Platform;
using Mainstay.Etcd;

namespace Mainstay.Conformance.ApiServer;

/// <summary>An API server over a store, ready to be asked; one for all tests of a class.</summary>
public abstract class ApiServerFixture : IAsyncLifetime
{
    protected const string Token = "test-token";

    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mainstay-api-");
    private readonly int _port = FreePorts.Row(1);
    private Child? _server;
    private EtcdClient? _etcd;

    internal ServedStore Store => field ??= OpenStore(_folder.FullName);

    internal string Server => $"https://127.0.0.1:{_port}";

    internal HttpClient Http { get; } = new(new SocketsHttpHandler
    {
        // the servers make their own certificates, the real one without telling by which authority
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
    })
    {
        Timeout = TimeSpan.FromSeconds(40),
        DefaultRequestHeaders = { { "Authorization", $"Bearer {Token}" } },
    };

    internal EtcdClient Etcd => _etcd ??= new EtcdClient(
        new EtcdClientOptions { Endpoints = [new Uri(Store.Address)] }, TimeProvider.System);

    internal string ServerSaid => _server?.Said ?? "";

    public async ValueTask InitializeAsync()
    {
        if (!IsHere)
        {
            return;
        }

        await File.WriteAllTextAsync(TokenFile, $"{Token},admin,admin,\"system:masters\"\n");
        await File.WriteAllTextAsync(KubeconfigPath, Kubeconfig());
        Store.Start();
        _server = StartServer(_folder.FullName, _port);
        var began = Stopwatch.GetTimestamp();
        while (!await IsReadyAsync())
        {
            if (Stopwatch.GetElapsedTime(began) > StartDeadline)
            {
                throw new TimeoutException($"the API server is not ready\n{ServerSaid}");
            }

            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            await timer.WaitForNextTickAsync();
        }
    }

    public ValueTask DisposeAsync()
    {
        _server?.Dispose();
        _etcd?.Dispose();
        Store.Dispose();
        Http.Dispose();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Whether the machine has what the fixture runs.</summary>
    internal virtual bool IsHere => true;

    internal string TokenFile => Path.Combine(_folder.FullName, "tokens.csv");

    internal string KubeconfigPath => Path.Combine(_folder.FullName, "kubeconfig");

    internal abstract ServedStore OpenStore(string folder);

    internal virtual Child StartServer(string folder, int port) => Child.Start(
        Peers.Mainstay,
        "api",
        "--etcd-servers", Store.Address,
        "--listen", $"127.0.0.1:{port}",
        "--pki-dir", Path.Combine(folder, "pki"),
        "--token-auth-file", TokenFile);

    /// <summary>One more server over the same store, with the same authority.</summary>
    internal Child StartAnother(int port) => StartServer(_folder.FullName, port);

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var ready = await Http.GetAsync(new Uri($"{Server}/readyz"));
            using var space = await Http.GetAsync(new Uri($"{Server}/api/v1/namespaces/default"));
            return ready.IsSuccessStatusCode && space.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private string Kubeconfig() =>
        $$"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: c
          cluster:
            server: {{Server}}
            insecure-skip-tls-verify: true
        users:
        - name: u
          user:
            token: {{Token}}
        contexts:
        - name: c
          context: {cluster: c, user: u}
        current-context: c
        """;
}

/// <summary>Our API server on our store.</summary>
public sealed class OurServerOnOurStore : ApiServerFixture
{
    internal override ServedStore OpenStore(string folder) => ServedStore.Ours(folder);
}

/// <summary>Our API server on Debian's etcd.</summary>
public sealed class OurServerOnEtcd : ApiServerFixture
{
    internal override ServedStore OpenStore(string folder) => ServedStore.Debian(folder);
}

/// <summary>The real kube-apiserver on Debian's etcd: what the bodies must hold on, or they prove nothing.</summary>
public sealed class RealServerOnEtcd : ApiServerFixture
{
    internal override bool IsHere => Peers.KubeApiServer is not null;

    internal override ServedStore OpenStore(string folder) => ServedStore.Debian(folder);

    internal override Child StartServer(string folder, int port)
    {
        using var key = RSA.Create(2048);
        var privateKey = Path.Combine(folder, "sa.key");
        var publicKey = Path.Combine(folder, "sa.pub");
        File.WriteAllText(privateKey, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(publicKey, key.ExportSubjectPublicKeyInfoPem());
        return Child.Start(
            Peers.KubeApiServer ?? throw new InvalidOperationException("not built here"),
            $"--etcd-servers={Store.Address}",
            $"--cert-dir={Path.Combine(folder, "certs")}",
            "--bind-address=127.0.0.1",
            $"--secure-port={port}",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--service-account-issuer=https://kubernetes.default.svc",
            $"--service-account-key-file={publicKey}",
            $"--service-account-signing-key-file={privateKey}",
            $"--token-auth-file={TokenFile}",
            "--authorization-mode=AlwaysAllow",
            "--disable-admission-plugins=ServiceAccount");
    }
}
