using System.Security.Cryptography;
using System.Text;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>
/// Which cluster a snapshot is of, known without asking anybody: by its authority, else by its addresses.
/// </summary>
internal static class ClusterIdentity
{
    public static string Of(Kubeconfig kubeconfig)
    {
        var text = kubeconfig.CertificateAuthorityPem?.Trim() ?? string.Join(' ', kubeconfig.Servers);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
