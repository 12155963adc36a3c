using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Http;

/// <summary>What /version says: the Kubernetes version whose API is served, and by whom.</summary>
internal static class ServerVersion
{
    public static JsonObject ToTree() => new()
    {
        ["major"] = "1",
        ["minor"] = "32",
        ["gitVersion"] = "v1.32.0-mainstay",
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "none",
        ["compiler"] = "dotnet",
        ["platform"] = "linux/amd64",
    };

    /// <summary>What / says.</summary>
    public static JsonObject Paths() => new()
    {
        ["paths"] = new JsonArray(
            "/api", "/api/v1", "/apis", "/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3", "/readyz",
            "/version"),
    };
}
