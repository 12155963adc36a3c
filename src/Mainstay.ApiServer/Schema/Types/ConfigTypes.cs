using System.Text;
using System.Text.Json.Nodes;
using static Mainstay.ApiServer.Schema.Declare;

namespace Mainstay.ApiServer.Schema.Types;

/// <summary>ConfigMaps and Secrets: what pods are told.</summary>
internal static class ConfigTypes
{
    public static readonly ObjectSchema ConfigMap = MetaTypes.Root("api.core.v1.ConfigMap",
        "Settings for pods to read, as variables or as files.",
        Flag("immutable", "True: the data can never change again."),
        TextMap("data", "The settings: a text for each key."),
        BytesMap("binaryData", "Settings that are not text: base 64 for each key."))
        .CheckedBy(CheckConfigMap);

    public static readonly ObjectSchema Secret = MetaTypes.Root("api.core.v1.Secret",
        "Settings that are not for everyone's eyes.",
        Flag("immutable", "True: the data can never change again."),
        BytesMap("data", "The settings: base 64 for each key."),
        TextMap("stringData", "Written as text, kept in data; never read back."),
        Text("type", "What it is for, and with that the keys it must have.").InGo("v1.SecretType").DefaultsTo("Opaque"))
        .DefaultedBy(MoveStringData)
        .CheckedBy(CheckSecret);

    private static void MoveStringData(JsonObject secret)
    {
        if (secret.ObjectAt("stringData") is not { } texts)
        {
            return;
        }

        var data = secret.Ensure("data");
        foreach (var (key, text) in texts)
        {
            data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text.AsText() ?? ""));
        }

        secret.Remove("stringData");
    }

    private static void CheckConfigMap(JsonObject value, FieldPath path, FieldErrors errors)
    {
        var data = value.ObjectAt("data") ?? [];
        var binary = value.ObjectAt("binaryData") ?? [];
        CheckKeys(data, path.Child("data"), errors);
        foreach (var (key, _) in data.Where(pair => binary.ContainsKey(pair.Key)))
        {
            errors.Invalid(path.Child("data").Key(key), key, $"duplicate of key present in binaryData");
        }

        CheckKeys(binary, path.Child("binaryData"), errors);
        var total = data.Sum(pair => Encoding.UTF8.GetByteCount(pair.Value.AsText() ?? "")) + binary.Sum(BytesOf);
        if (total > SchemaLimits.DataBytesMax)
        {
            errors.TooLong(path, "", SchemaLimits.DataBytesMax);
        }
    }

    private static void CheckSecret(JsonObject value, FieldPath path, FieldErrors errors)
    {
        var data = value.ObjectAt("data") ?? [];
        CheckKeys(data, path.Child("data"), errors);
        if (data.Sum(BytesOf) > SchemaLimits.DataBytesMax)
        {
            errors.TooLong(path.Child("data"), "", SchemaLimits.DataBytesMax);
        }

        string[] needed = value.TextIn("type") switch
        {
            "kubernetes.io/tls" => ["tls.crt", "tls.key"],
            "kubernetes.io/dockerconfigjson" => [".dockerconfigjson"],
            "kubernetes.io/ssh-auth" => ["ssh-privatekey"],
            _ => [],
        };
        foreach (var key in needed.Where(key => !data.ContainsKey(key)))
        {
            errors.Required(path.Child("data").Key(key));
        }
    }

    private static void CheckKeys(JsonObject data, FieldPath path, FieldErrors errors)
    {
        foreach (var (key, _) in data.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            foreach (var fault in NameRules.IsConfigKey(key))
            {
                errors.Invalid(path.Key(key), key, fault);
            }
        }
    }

    private static int BytesOf(KeyValuePair<string, JsonNode?> pair) => (pair.Value.AsText()?.Length ?? 0) / 4 * 3;
}
