using System.Net;
using Mainstay.ApiServer.Admission;
using Mainstay.Etcd;
using Mainstay.Kernel;

namespace Mainstay.ApiServer;

/// <summary>What an API server is started with.</summary>
public sealed class ApiServerOptions
{
    private const string DefaultServiceRange = "10.96.0.0/16";

    /// <summary>The store's members: <c>http://host:port[,http://host:port]</c>. Default: the embedded store.</summary>
    public string EtcdServers { get; init; } = "http://127.0.0.1:2379";

    /// <summary>Where to serve: <c>address:port</c>. Default 127.0.0.1:6443.</summary>
    public string Listen { get; init; } = "127.0.0.1:6443";

    /// <summary>The folder of ca.crt, ca.key, apiserver.crt and apiserver.key; what is missing is made.</summary>
    public required string PkiDir { get; init; }

    /// <summary>The static tokens: <c>token,user,uid,"group1,group2"</c>, a line each.</summary>
    public required string TokenAuthFile { get; init; }

    /// <summary>Where services get their addresses from: IPv4, /12 to /28. Default 10.96.0.0/16.</summary>
    public string ServiceClusterIpRange { get; init; } = DefaultServiceRange;

    /// <summary>The address of the service <c>kubernetes</c> in the default range; certificates name it.</summary>
    public static string DefaultServiceAddress { get; } =
        ServiceAddresses.FirstOf(IPNetwork.Parse(DefaultServiceRange));

    internal ApiServerSettings Validate()
    {
        var faults = new List<string>();
        IReadOnlyList<Uri> etcd = [];
        try
        {
            etcd = EtcdClientOptions.ParseEndpoints(EtcdServers);
        }
        catch (FormatException e)
        {
            faults.Add($"--etcd-servers: {e.Message}");
        }

        if (!IPEndPoint.TryParse(Listen, out var listen) || !Listen.Contains(':', StringComparison.Ordinal))
        {
            faults.Add($"--listen: '{Listen}' is not an address with a port such as 127.0.0.1:6443");
        }

        if (!IPNetwork.TryParse(ServiceClusterIpRange, out var range)
            || range.BaseAddress.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork
            || range.PrefixLength is < 12 or > 28)
        {
            faults.Add($"--service-cluster-ip-range: '{ServiceClusterIpRange}' is not an IPv4 range from /12 to /28");
        }

        foreach (var (flag, value) in new[] { ("--pki-dir", PkiDir), ("--token-auth-file", TokenAuthFile) })
        {
            if (string.IsNullOrWhiteSpace(value))
            {
                faults.Add($"{flag}: is missing");
            }
        }

        return faults.Count == 0 && listen is not null
            ? new ApiServerSettings(etcd, listen, range)
            : throw new StartException(
                string.Join("; ", faults), "correct the flags of 'mainstay api'", ExitCodes.Usage);
    }
}

/// <summary>The options, read.</summary>
internal sealed record ApiServerSettings(IReadOnlyList<Uri> Etcd, IPEndPoint Listen, IPNetwork ServiceRange);
