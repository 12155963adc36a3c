using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Storage;

/// <summary>
/// Where a list in chunks goes on: the revision it is pinned to and the key after the last one sent, below the prefix
/// of the list. Written as kube-apiserver does, base64 of JSON, so that a client may move between the two.
/// Revision 0 or below means: whatever is newest (the inconsistent rest of an expired list).
/// </summary>
internal readonly record struct ContinueToken(long Revision, string StartKey)
{
    private const string Format = "meta.k8s.io/v1";

    /// <param name="prefix">the prefix of the list, such as <c>/registry/pods/bank/</c></param>
    public string Encode(string prefix)
    {
        var start = StartKey.StartsWith(prefix, StringComparison.Ordinal) ? StartKey[prefix.Length..] : StartKey;
        var json = new JsonObject { ["v"] = Format, ["rv"] = Revision, ["start"] = start };
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    /// <returns>null where the token is not one of ours or would leave the prefix</returns>
    public static ContinueToken? Decode(string token, string prefix)
    {
        try
        {
            var bytes = Base64Url.DecodeFromChars(token.AsSpan().TrimEnd('='));
            if (JsonNode.Parse(bytes) is not JsonObject json
                || json["v"]?.GetValue<string>() != Format
                || json["start"]?.GetValue<string>() is not { Length: > 0 } start
                || json["rv"]?.GetValue<long>() is not { } revision)
            {
                return null;
            }

            // A start such as ../secrets/x would be harmless as a key, yet no list of ours writes one.
            var climbs = start.Split('/').Any(segment => segment is ".." or ".");
            return revision == 0 || climbs ? null : new ContinueToken(revision, prefix + start);
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
