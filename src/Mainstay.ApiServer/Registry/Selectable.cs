using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Registry;

/// <summary>The fields a field selector may name, by their paths.</summary>
internal static class Selectable
{
    public static FrozenDictionary<string, Func<JsonObject, string>> By(params ReadOnlySpan<string> paths)
    {
        var readers = new Dictionary<string, Func<JsonObject, string>>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            var steps = path.Split('.');
            readers[path] = value => value.TextIn(steps);
        }

        return readers.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The same with one more field that is not simply the text at its path.</summary>
    public static FrozenDictionary<string, Func<JsonObject, string>> And(
        this FrozenDictionary<string, Func<JsonObject, string>> fields, string path, Func<JsonObject, string> read) =>
        fields.Append(new(path, read)).ToFrozenDictionary(StringComparer.Ordinal);
}
