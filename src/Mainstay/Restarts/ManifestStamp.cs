using System.Globalization;

namespace Mainstay.Restarts;

/// <summary>
/// The annotation in a static pod's manifest that makes the node's agent replace the pod. The rest of the text is left
/// as it is, to the byte.
/// </summary>
internal static class ManifestStamp
{
    public const string Annotation = "mainstay.dev/restarted-at";

    private const string Key = $"    {Annotation}:";

    /// <summary>The text with the stamp of a moment in the place of the one it has, if it has one.</summary>
    public static string Set(string manifest, DateTimeOffset at)
    {
        var stamp = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        return Put(Remove(manifest), $"{Key} '{stamp}'");
    }

    /// <summary>
    /// The stamp that a file has, put into a text that is to replace it: the pod is not restarted by that.
    /// </summary>
    public static string Keep(string manifest, string before) =>
        before.Split('\n').FirstOrDefault(IsStamp) is { } stamp ? Put(Remove(manifest), stamp) : manifest;

    private static string Put(string manifest, string stamp)
    {
        var lines = manifest.Split('\n').ToList();
        var annotations = lines.IndexOf("  annotations:");
        if (annotations < 0)
        {
            annotations = lines.IndexOf("metadata:") + 1;
            lines.Insert(annotations, "  annotations:");
        }

        lines.Insert(annotations + 1, stamp);
        return string.Join('\n', lines);
    }

    private static string Remove(string manifest)
    {
        var lines = manifest.Split('\n').Where(line => !IsStamp(line)).ToList();
        var annotations = lines.IndexOf("  annotations:");
        var next = annotations < 0 ? null : lines.ElementAtOrDefault(annotations + 1);
        if (next is not null && !next.StartsWith("    ", StringComparison.Ordinal))
        {
            // It held nothing else.
            lines.RemoveAt(annotations);
        }

        return string.Join('\n', lines);
    }

    private static bool IsStamp(string line) => line.StartsWith(Key, StringComparison.Ordinal);
}
