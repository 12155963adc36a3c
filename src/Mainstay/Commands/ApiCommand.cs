using System.CommandLine;
using Mainstay.ApiServer;
using Mainstay.Kernel;
using Mainstay.Up;

namespace Mainstay.Commands;

/// <summary><c>mainstay api</c>: the Kubernetes API over any etcd v3 store.</summary>
internal static class ApiCommand
{
    public static Command Create()
    {
        var etcdServers = new Option<string>("--etcd-servers")
        {
            Description = "The store's members, separated by commas.",
            DefaultValueFactory = _ => "http://127.0.0.1:2379",
        };
        var etcdMembers = new Option<string>("--etcd-members")
        {
            Description = "The platform's book of members: where it can be read, it wins over --etcd-servers.",
            DefaultValueFactory = _ => "",
        };
        var listen = new Option<string>("--listen")
        {
            Description = "Where to serve: address:port.",
            DefaultValueFactory = _ => "127.0.0.1:6443",
        };
        var pkiDir = new Option<string>("--pki-dir")
        {
            Description = "The folder of ca.crt, ca.key, apiserver.crt and apiserver.key; what is missing is made.",
            Required = true,
        };
        var tokens = new Option<string>("--token-auth-file")
        {
            Description = "Static tokens, a line each: token,user,uid,\"group1,group2\".",
            Required = true,
        };
        var serviceRange = new Option<string>("--service-cluster-ip-range")
        {
            Description = "Where services get their addresses from.",
            DefaultValueFactory = _ => "10.96.0.0/16",
        };
        var command = new Command("api", "Serves the Kubernetes API over any etcd v3 store.")
        {
            etcdServers, etcdMembers, listen, pkiDir, tokens, serviceRange,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await ApiServerHost.RunAsync(
                new ApiServerOptions
                {
                    EtcdServers = Booked(parsed.GetRequiredValue(etcdMembers))
                        ?? parsed.GetRequiredValue(etcdServers),
                    Listen = parsed.GetRequiredValue(listen),
                    PkiDir = parsed.GetRequiredValue(pkiDir),
                    TokenAuthFile = parsed.GetRequiredValue(tokens),
                    ServiceClusterIpRange = parsed.GetRequiredValue(serviceRange),
                },
                cancellationToken);
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>
    /// Members come and go after the command line was written: a server that starts again knows the present ones, also
    /// when none of those it was told of is left.
    /// </summary>
    /// <returns>null: the command line tells</returns>
    private static string? Booked(string file)
    {
        try
        {
            return file.Length > 0 && MemberBook.Read(file) is { ClientUrls: { Length: > 0 } urls } ? urls : null;
        }
        catch (Exception fault) when (fault is StartException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"mainstay api: {fault.Message}; --etcd-servers is used");
            return null;
        }
    }
}
