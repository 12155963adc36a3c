using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mainstay.Kube;

/// <summary>From the text of a kubeconfig to what its current context means.</summary>
internal static class KubeconfigReader
{
    public const string ServersExtension = "mainstay.dev/servers";

    public static Kubeconfig Read(string text, string folder)
    {
        var root = Root(text);
        var current = Text(root, "current-context")
            ?? throw new KubeconfigException("current-context is missing");
        var context = Named(root, "contexts", "context", current);
        var cluster = Named(root, "clusters", "cluster", Required(context, "cluster", $"contexts[{current}].context"));
        var userName = Text(context, "user");
        var user = userName is null ? new JsonObject() : Named(root, "users", "user", userName);
        if (user.ContainsKey("exec") || user.ContainsKey("auth-provider"))
        {
            throw new KubeconfigException($"users[{userName}]: exec and auth-provider plugins are not supported");
        }
        return new Kubeconfig
        {
            Servers = Servers(cluster),
            CertificateAuthorityPem = Pem(cluster, "certificate-authority", folder),
            InsecureSkipTlsVerify = Text(cluster, "insecure-skip-tls-verify") is "true",
            TlsServerName = Text(cluster, "tls-server-name"),
            Token = Text(user, "token"),
            TokenFile = Text(user, "tokenFile") is { } file ? Path.Combine(folder, file) : null,
            ClientCertificatePem = Pem(user, "client-certificate", folder),
            ClientKeyPem = Pem(user, "client-key", folder),
            Namespace = Text(context, "namespace") ?? "default",
        };
    }

    private static JsonObject Root(string text)
    {
        try
        {
            var node = IsJson(text) ? JsonNode.Parse(text) : Yaml.ParseSingle(text);
            return node as JsonObject ?? throw new KubeconfigException("it is empty or no mapping");
        }
        catch (YamlFormatException fault)
        {
            throw new KubeconfigException(fault.Message);
        }
    }

    /// <summary>JSON is YAML too, but its reader is faster, and takes tabs.</summary>
    private static bool IsJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static JsonObject Named(JsonObject root, string list, string field, string name)
    {
        foreach (var entry in root[list] as JsonArray ?? [])
        {
            if (entry is JsonObject candidate && Text(candidate, "name") == name)
            {
                return candidate[field] as JsonObject ?? new JsonObject();
            }
        }
        throw new KubeconfigException($"{list} has no entry named \"{name}\"");
    }

    private static ImmutableArray<Uri> Servers(JsonObject cluster)
    {
        var texts = new List<string> { Required(cluster, "server", "cluster") };
        foreach (var entry in cluster["extensions"] as JsonArray ?? [])
        {
            if (entry is JsonObject extension && Text(extension, "name") == ServersExtension)
            {
                var more = extension["extension"]?["servers"] as JsonArray ?? [];
                texts.AddRange(more.Select(s => s?.ToString() ?? ""));
            }
        }
        return [.. texts.Select(Server).Distinct()];
    }

    private static Uri Server(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri
            : throw new KubeconfigException($"cluster.server: \"{text}\" is no http or https address");

    /// <summary>The field with <c>-data</c> (base64) wins over the one that names a file, as everywhere.</summary>
    private static string? Pem(JsonObject from, string field, string folder)
    {
        try
        {
            if (Text(from, $"{field}-data") is { } data)
            {
                return Encoding.UTF8.GetString(Convert.FromBase64String(data));
            }
            return Text(from, field) is { } path ? File.ReadAllText(Path.Combine(folder, path)) : null;
        }
        catch (Exception fault) when (fault is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new KubeconfigException($"{field}: {fault.Message}");
        }
    }

    private static string Required(JsonObject from, string field, string where) =>
        Text(from, field) ?? throw new KubeconfigException($"{where}.{field} is missing");

    private static string? Text(JsonObject from, string field) =>
        from[field] is JsonValue value && value.ToString() is { Length: > 0 } text ? text : null;
}
