using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;

namespace Mainstay.Kube;

/// <summary>How to reach an API server and who one is there: what a kubeconfig's current context says.</summary>
public sealed record Kubeconfig
{
    /// <summary>
    /// Where the API servers are: the cluster's <c>server</c> first, then those of its extension
    /// <c>mainstay.dev/servers</c> (<c>{servers: [...]}</c>), which other tools ignore.
    /// </summary>
    public required ImmutableArray<Uri> Servers { get; init; }

    /// <summary>PEM of the authorities to trust; null trusts those of the machine.</summary>
    public string? CertificateAuthorityPem { get; init; }

    public bool InsecureSkipTlsVerify { get; init; }

    /// <summary>The name expected in the server's certificate, where it is not the one in the address.</summary>
    public string? TlsServerName { get; init; }

    public string? Token { get; init; }

    /// <summary>A file that holds the token and may change; it wins over <see cref="Token"/>.</summary>
    public string? TokenFile { get; init; }

    public string? ClientCertificatePem { get; init; }

    public string? ClientKeyPem { get; init; }

    /// <summary>The context's namespace.</summary>
    public string Namespace { get; init; } = "default";

    /// <exception cref="KubeconfigException">the file cannot be read, or it does not say what is needed</exception>
    public static Kubeconfig Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new KubeconfigException($"kubeconfig {path} cannot be read: {fault.Message}");
        }
        catch (KubeconfigException fault)
        {
            throw new KubeconfigException($"kubeconfig {path}: {fault.Message}");
        }
    }

    /// <param name="text">YAML or JSON</param>
    /// <param name="folder">where relative paths start</param>
    public static Kubeconfig Parse(string text, string folder) => KubeconfigReader.Read(text, folder);

    /// <summary>
    /// A kubeconfig for one cluster and one user, readable by its owner only, swapped in by rename. JSON, which is
    /// YAML.
    /// </summary>
    public void Write(string path, string name = "mainstay")
    {
        Write(path, name, ToJson(name).ToString());
    }

    private static void Write(string path, string name, string text)
    {
        var fresh = $"{path}.{name}.new";
        File.Delete(fresh);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using (var file = new FileStream(fresh, options))
        {
            file.Write(Encoding.UTF8.GetBytes(text + "\n"));
        }
        File.Move(fresh, path, overwrite: true);
    }

    private JsonObject ToJson(string name)
    {
        var cluster = new JsonObject { ["server"] = Servers[0].ToString().TrimEnd('/') };
        Put(cluster, "certificate-authority-data", Encode(CertificateAuthorityPem));
        Put(cluster, "tls-server-name", TlsServerName);
        if (InsecureSkipTlsVerify)
        {
            cluster["insecure-skip-tls-verify"] = true;
        }
        if (Servers.Length > 1)
        {
            var servers = new JsonArray([.. Servers.Select(s => (JsonNode)s.ToString().TrimEnd('/'))]);
            var extension = new JsonObject
            {
                ["name"] = KubeconfigReader.ServersExtension,
                ["extension"] = new JsonObject { ["servers"] = servers },
            };
            cluster["extensions"] = new JsonArray(extension);
        }
        var user = new JsonObject();
        Put(user, "token", Token);
        Put(user, "tokenFile", TokenFile);
        Put(user, "client-certificate-data", Encode(ClientCertificatePem));
        Put(user, "client-key-data", Encode(ClientKeyPem));
        var context = new JsonObject { ["cluster"] = name, ["user"] = name, ["namespace"] = Namespace };
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Config",
            ["clusters"] = new JsonArray(new JsonObject { ["name"] = name, ["cluster"] = cluster }),
            ["users"] = new JsonArray(new JsonObject { ["name"] = name, ["user"] = user }),
            ["contexts"] = new JsonArray(new JsonObject { ["name"] = name, ["context"] = context }),
            ["current-context"] = name,
        };
    }

    private static void Put(JsonObject into, string name, string? value)
    {
        if (value is not null)
        {
            into[name] = value;
        }
    }

    private static string? Encode(string? pem) =>
        pem is null ? null : Convert.ToBase64String(Encoding.UTF8.GetBytes(pem));
}

/// <summary>The kubeconfig cannot be used; the message names the file and the field.</summary>
public sealed class KubeconfigException(string reason) : Exception(reason);
