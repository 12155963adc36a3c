using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mainstay.Drills.Faults;

/// <summary>
/// The certificate of a proxy: by the platform's own authority, so that clients trust the proxy as they trust the
/// servers behind it.
/// </summary>
internal static class ApiProxyCertificate
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <param name="pkiFolder">holds <c>ca.crt</c> and <c>ca.key</c>; null signs the certificate by itself</param>
    /// <param name="address">the address that the proxy listens on</param>
    /// <param name="now">the time from which it counts</param>
    public static X509Certificate2 Create(string? pkiFolder, IPAddress address, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(key, address);
        var begins = now - Limits.CertificateClockSkew;
        var ends = now + Limits.ProxyCertificateLifetime;
        if (pkiFolder is null)
        {
            return request.CreateSelfSigned(begins, ends);
        }

        using var authority = X509Certificate2.CreateFromPemFile(
            Path.Combine(pkiFolder, "ca.crt"), Path.Combine(pkiFolder, "ca.key"));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f; // a serial number is positive
        var born = new DateTimeOffset(authority.NotBefore.ToUniversalTime());
        using var signed = request.Create(authority, begins < born ? born : begins, ends, serial);
        return signed.CopyWithPrivateKey(key);
    }

    private static CertificateRequest Request(ECDsa key, IPAddress address)
    {
        var request = new CertificateRequest("CN=mainstay-fault-proxy", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(address);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], false));
        return request;
    }
}
