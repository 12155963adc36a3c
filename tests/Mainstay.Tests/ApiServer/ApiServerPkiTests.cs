using System.Security.Cryptography.X509Certificates;
using Mainstay.ApiServer;
using Mainstay.Kernel;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.ApiServer;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ApiServerPkiTests : IDisposable
{
    private readonly DirectoryInfo _dir = Directory.CreateTempSubdirectory("mainstay-pki-");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Keys_are_readable_by_their_owner_only()
    {
        await EnsureAsync();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PathOf("ca.key")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PathOf("apiserver.key")));
    }

    [Fact]
    public async Task The_server_certificate_serves_loopback_and_the_hosts()
    {
        await EnsureAsync("10.96.0.1", "api.example.com");

        using var server = X509CertificateLoader.LoadCertificateFromFile(PathOf("apiserver.crt"));
        string[] hosts = ["127.0.0.1", "localhost", "kubernetes.default.svc", "10.96.0.1", "api.example.com"];
        foreach (var host in hosts)
        {
            Assert.True(server.MatchesHostname(host, allowWildcards: false, allowCommonName: false), host);
        }
    }

    [Fact]
    public async Task What_still_serves_is_left_alone()
    {
        await EnsureAsync();
        var before = await ReadAsync("ca.crt", "ca.key", "apiserver.crt", "apiserver.key");

        await EnsureAsync();

        Assert.Equal(before, await ReadAsync("ca.crt", "ca.key", "apiserver.crt", "apiserver.key"));
    }

    [Fact]
    public async Task A_certificate_near_its_end_is_renewed_by_the_same_authority()
    {
        await EnsureAsync();
        var authority = await ReadAsync("ca.crt", "ca.key");
        var server = await ReadAsync("apiserver.crt");
        _time.Advance(TimeSpan.FromDays(340));

        await EnsureAsync();

        Assert.Equal(authority, await ReadAsync("ca.crt", "ca.key"));
        Assert.NotEqual(server, await ReadAsync("apiserver.crt"));
    }

    [Fact]
    public async Task A_new_host_renews_the_certificate()
    {
        await EnsureAsync();
        var server = await ReadAsync("apiserver.crt");

        await EnsureAsync("192.0.2.7");

        Assert.NotEqual(server, await ReadAsync("apiserver.crt"));
    }

    [Fact]
    public async Task A_renewed_certificate_keeps_the_hosts_that_other_servers_gave_it()
    {
        await EnsureAsync("127.17.0.1", "api.example.com");

        await EnsureAsync("127.18.0.1");

        using var server = X509CertificateLoader.LoadCertificateFromFile(PathOf("apiserver.crt"));
        Assert.All(
            ["127.17.0.1", "api.example.com", "127.18.0.1"],
            (string host) => Assert.True(server.MatchesHostname(host, allowWildcards: false), host));
    }

    [Fact]
    public async Task A_broken_authority_is_one_clear_line_and_nothing_is_overwritten()
    {
        await EnsureAsync();
        await File.WriteAllTextAsync(PathOf("ca.crt"), "rubbish", TestContext.Current.CancellationToken);

        var fault = await Assert.ThrowsAsync<StartException>(() => EnsureAsync());

        Assert.Contains(_dir.FullName, fault.Message, StringComparison.Ordinal);
        Assert.Equal(["rubbish"], await ReadAsync("ca.crt"));
    }

    public void Dispose() => _dir.Delete(recursive: true);

    private Task EnsureAsync(params string[] hosts) =>
        ApiServerPki.EnsureAsync(_dir.FullName, hosts, _time, TestContext.Current.CancellationToken);

    private string PathOf(string name) => Path.Combine(_dir.FullName, name);

    private async Task<string[]> ReadAsync(params string[] names) => await Task.WhenAll(
        names.Select(name => File.ReadAllTextAsync(PathOf(name), TestContext.Current.CancellationToken)));
}
