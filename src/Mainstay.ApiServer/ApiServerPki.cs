using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mainstay.Kernel;

namespace Mainstay.ApiServer;

/// <summary>
/// The certificate authority of one platform and the API server's certificate: <c>ca.crt ca.key apiserver.crt
/// apiserver.key</c> in one folder, ECDSA P-256, keys readable by their owner only.
/// </summary>
public static class ApiServerPki
{
    /// <summary>The names under which pods and tools know an API server, whatever its address.</summary>
    private static readonly string[] ServiceNames =
    [
        "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
    ];

    /// <summary>
    /// Makes what is missing and renews the server's certificate when it nears its end, misses one of the hosts or is
    /// not signed by the authority. A renewed certificate keeps the hosts of the one before it, since several servers
    /// may share the folder. The authority itself is never replaced: every kubeconfig holds it.
    /// </summary>
    /// <param name="dir">the folder; made when missing</param>
    /// <param name="hosts">names and addresses the server is reached by, besides loopback and the service names</param>
    public static async Task EnsureAsync(
        string dir, IEnumerable<string> hosts, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(dir);
            var paths = new PkiPaths(dir);
            if (!File.Exists(paths.CaCertificate) || !File.Exists(paths.CaKey))
            {
                await WriteAuthorityAsync(paths, time, cancellationToken);
            }

            using var authority = X509Certificate2.CreateFromPemFile(paths.CaCertificate, paths.CaKey);
            string[] wanted = [.. ServiceNames, "127.0.0.1", "::1", .. hosts];
            if (!Serves(paths, authority, wanted, time.GetUtcNow()))
            {
                await WriteServerAsync(
                    paths, authority, [.. wanted, .. HostsNow(paths)], time, cancellationToken);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StartException(
                $"the certificates in {dir} cannot be read or written: {e.Message}",
                "check that the folder is writable, or remove it to have new ones made");
        }
    }

    /// <summary>The server's certificate with its key, as Kestrel takes it.</summary>
    internal static X509Certificate2 LoadServer(string dir)
    {
        var paths = new PkiPaths(dir);
        return X509Certificate2.CreateFromPemFile(paths.ServerCertificate, paths.ServerKey);
    }

    private static async Task WriteAuthorityAsync(
        PkiPaths paths, TimeProvider time, CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mainstay-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now - Limits.CertificateClockSkew, now + Limits.CaLifetime);
        await WriteAsync(paths.CaKey, key.ExportPkcs8PrivateKeyPem(), secret: true, cancellationToken);
        await WriteAsync(paths.CaCertificate, certificate.ExportCertificatePem(), secret: false, cancellationToken);
    }

    private static async Task WriteServerAsync(
        PkiPaths paths,
        X509Certificate2 authority,
        string[] hosts,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kube-apiserver", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "serverAuth")], false));
        request.CertificateExtensions.Add(AlternativeNames(hosts));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        var now = time.GetUtcNow();
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f; // a serial number is positive
        var end = now + Limits.ServerCertificateLifetime;
        var authorityEnd = new DateTimeOffset(authority.NotAfter.ToUniversalTime());
        using var certificate = request.Create(
            authority, now - Limits.CertificateClockSkew, end < authorityEnd ? end : authorityEnd, serial);
        await WriteAsync(paths.ServerKey, key.ExportPkcs8PrivateKeyPem(), secret: true, cancellationToken);
        await WriteAsync(paths.ServerCertificate, certificate.ExportCertificatePem(), false, cancellationToken);
    }

    private static X509Extension AlternativeNames(string[] hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts.Distinct(StringComparer.Ordinal))
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        return names.Build();
    }

    private static bool Serves(PkiPaths paths, X509Certificate2 authority, string[] hosts, DateTimeOffset now)
    {
        if (!File.Exists(paths.ServerCertificate) || !File.Exists(paths.ServerKey))
        {
            return false;
        }

        try
        {
            // reading both also proves that key and certificate belong together
            using var server = X509Certificate2.CreateFromPemFile(paths.ServerCertificate, paths.ServerKey);
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.Add(authority);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.VerificationTime = now.LocalDateTime;
            return server.NotAfter.ToUniversalTime() > (now + Limits.CertificateRenewBefore).UtcDateTime
                && chain.Build(server)
                && hosts.All(host => server.MatchesHostname(host, allowWildcards: false, allowCommonName: false));
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static string[] HostsNow(PkiPaths paths)
    {
        if (!File.Exists(paths.ServerCertificate))
        {
            return [];
        }

        try
        {
            using var server = X509CertificateLoader.LoadCertificateFromFile(paths.ServerCertificate);
            return [.. server.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(names =>
                names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString())))];
        }
        catch (CryptographicException)
        {
            return []; // no certificate: nothing to keep
        }
    }

    private static async Task WriteAsync(string path, string text, bool secret, CancellationToken cancellationToken)
    {
        // whole or not at all: a half-written key would stop every later start
        var temporary = path + ".new";
        var mode = secret
            ? UnixFileMode.UserRead | UnixFileMode.UserWrite
            : UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        File.Delete(temporary);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        await using (var file = new FileStream(temporary, options))
        await using (var writer = new StreamWriter(file))
        {
            await writer.WriteAsync(text.AsMemory(), cancellationToken);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private sealed class PkiPaths(string dir)
    {
        public string CaCertificate { get; } = Path.Combine(dir, "ca.crt");

        public string CaKey { get; } = Path.Combine(dir, "ca.key");

        public string ServerCertificate { get; } = Path.Combine(dir, "apiserver.crt");

        public string ServerKey { get; } = Path.Combine(dir, "apiserver.key");
    }
}
