using Mainstay.Kube;

namespace Mainstay.Tests.Kube;

public sealed class KubeconfigTests : IDisposable
{
    private const string Start = "{current-context: x, contexts: [{name: x, context: {cluster: c}}], ";
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-kubeconfig-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_written_is_read_again_and_is_the_owners_alone()
    {
        var path = Path.Combine(_folder, "kubeconfig");
        var written = new Kubeconfig
        {
            Servers = [new Uri("https://127.0.0.1:6443"), new Uri("https://127.0.0.2:6443")],
            CertificateAuthorityPem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            Token = "secret",
            Namespace = "bank",
        };
        written.Write(path);
        written.Write(path);
        var read = Kubeconfig.Load(path);
        Assert.Equal(written.Servers, read.Servers);
        Assert.Equal(written with { Servers = default }, read with { Servers = default });
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void The_current_context_decides_and_paths_start_at_the_files_folder()
    {
        File.WriteAllText(Path.Combine(_folder, "ca.pem"), "the authority");
        File.WriteAllText(Path.Combine(_folder, "token"), "from the file\n");
        File.WriteAllText(Path.Combine(_folder, "config"), """
            apiVersion: v1
            kind: Config
            current-context: two
            contexts:
            - {name: one, context: {cluster: a, user: u}}
            - {name: two, context: {cluster: b, user: v, namespace: shop}}
            clusters:
            - {name: a, cluster: {server: "https://a:1"}}
            - name: b
              cluster:
                server: https://b:2
                certificate-authority: ca.pem
                insecure-skip-tls-verify: true
            users:
            - {name: u, user: {token: x}}
            - {name: v, user: {tokenFile: token}}
            """);
        var read = Kubeconfig.Load(Path.Combine(_folder, "config"));
        Assert.Equal(new Uri("https://b:2"), Assert.Single(read.Servers));
        Assert.Equal("the authority", read.CertificateAuthorityPem);
        Assert.Equal(Path.Combine(_folder, "token"), read.TokenFile);
        Assert.Equal("shop", read.Namespace);
        Assert.True(read.InsecureSkipTlsVerify);
        Assert.Null(read.Token);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("a: [", "line 2")]
    [InlineData("{", "line")]
    [InlineData("clusters: []", "current-context")]
    [InlineData("current-context: x", "contexts has no entry named \"x\"")]
    [InlineData("{current-context: x, contexts: [{name: x, context: {}}]}", "cluster is missing")]
    [InlineData(Start + "clusters: [{name: c}]}", "server is missing")]
    [InlineData(Start + "clusters: [{name: c, cluster: {server: nonsense}}]}", "nonsense")]
    [InlineData(Start + "clusters: [{name: c, cluster: {server: 'https://a', certificate-authority-data: '*'}}]}",
        "certificate-authority")]
    public void A_fault_is_named_by_its_field(string text, string named)
    {
        Assert.Contains(named, Assert.Throws<KubeconfigException>(() => Kubeconfig.Parse(text, _folder)).Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var path = Path.Combine(_folder, "absent");
        Assert.Contains(path, Assert.Throws<KubeconfigException>(() => Kubeconfig.Load(path)).Message);
    }
}
