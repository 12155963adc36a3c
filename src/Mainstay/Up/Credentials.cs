using System.Net;
using System.Security.Cryptography;
using Mainstay.ApiServer;
using Mainstay.Kube;

namespace Mainstay.Up;

/// <summary>
/// Certificates, one bearer token per part, and a kubeconfig for each. What is there is kept: a second <c>up</c> over
/// the
/// same folder leaves every kubeconfig that was handed out valid.
/// </summary>
internal static class Credentials
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static async Task EnsureAsync(PlatformPlan plan, TimeProvider time, CancellationToken cancellationToken)
    {
        var data = plan.Data;
        // One certificate for all API servers, made before any of them starts: they share its file.
        var hosts = plan.ApiServers.Select(server => IPEndPoint.Parse(server.Listen).Address.ToString())
            .Append(ApiServerOptions.DefaultServiceAddress);
        await ApiServerPki.EnsureAsync(data.Pki, hosts, time, cancellationToken);
        Directory.CreateDirectory(data.Auth);
        File.SetUnixFileMode(data.Auth, OwnerOnly | UnixFileMode.UserExecute);
        var tokens = ReadTokens(data.Tokens);
        foreach (var user in Users(plan))
        {
            tokens.TryAdd(user.Name, RandomNumberGenerator.GetHexString(48, lowercase: true));
        }

        var lines = Users(plan).Select(user => $"{tokens[user.Name]},{user.Name},{user.Name},\"{user.Groups}\"");
        WriteSecret(data.Tokens, string.Join('\n', lines) + '\n');
        var authority = await File.ReadAllTextAsync(data.CaCertificate, cancellationToken);
        foreach (var user in Users(plan))
        {
            new Kubeconfig
            {
                Servers = [.. plan.ApiUrlsFrom(user.Node ?? plan.Nodes[0])],
                CertificateAuthorityPem = authority,
                Token = tokens[user.Name],
            }.Write(user.KubeconfigPath);
        }
    }

    private static IEnumerable<User> Users(PlatformPlan plan)
    {
        yield return new User("admin", "system:masters", plan.Data.Kubeconfig);
        yield return new User(
            "system:kube-controller-manager", "system:masters", plan.Data.ComponentKubeconfig("controllers"));
        yield return new User("mainstay:console", "system:authenticated", plan.Data.ComponentKubeconfig("console"));
        foreach (var node in plan.Nodes)
        {
            yield return new User($"system:node:{node.Name}", "system:nodes", plan.Data.ComponentKubeconfig(node.Name))
            {
                Node = node,
            };
            yield return new User(
                $"mainstay:router:{node.Name}",
                "mainstay:routers",
                plan.Data.ComponentKubeconfig($"router-{node.Name}"))
            {
                Node = node,
            };
        }
    }

    private static Dictionary<string, string> ReadTokens(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        return File.ReadAllLines(path)
            .Select(line => line.Split(','))
            .Where(fields => fields.Length >= 2)
            .GroupBy(fields => fields[1], StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First()[0], StringComparer.Ordinal);
    }

    /// <summary>
    /// Written beside and swapped in, so that nobody ever reads half a file or one that others may read.
    /// </summary>
    private static void WriteSecret(string path, string text)
    {
        var next = path + ".next";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        };
        using (var writer = new StreamWriter(next, options))
        {
            writer.Write(text);
        }

        File.Move(next, path, overwrite: true);
    }

    private sealed record User(string Name, string Groups, string KubeconfigPath)
    {
        /// <summary>The node it lives on, where it is bound to one.</summary>
        public NodePlan? Node { get; init; }
    }
}
