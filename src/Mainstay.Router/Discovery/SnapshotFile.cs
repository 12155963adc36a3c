using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <param name="Objects">what was known</param>
/// <param name="SavedAt">when</param>
internal sealed record Snapshot(DiscoveredObjects Objects, DateTimeOffset SavedAt);

/// <summary>Why a snapshot is not used: one line.</summary>
internal sealed class SnapshotRefusedException(string reason) : Exception(reason);

/// <summary>
/// The last table on the disk. A first line says what follows, so that a torn, changed or foreign file is never routed
/// on:
///     {"format":1,"cluster":"...","savedAt":"2026-01-02T03:04:05Z","bytes":1234,"sha256":"..."}
///     {"services":[...],"slices":[...]}
/// It is written beside, flushed to the disk and renamed: there is always the old one or the new one, whole.
/// </summary>
internal sealed class SnapshotFile(string path, string cluster)
{
    private const int Format = 1;

    public string Path { get; } = path;

    /// <returns>null when there is none</returns>
    /// <exception cref="SnapshotRefusedException">there is one, and it cannot be trusted</exception>
    public Snapshot? Read()
    {
        if (!File.Exists(Path))
        {
            return null;
        }

        try
        {
            if (new FileInfo(Path).Length > Limits.SnapshotBytesMax)
            {
                throw new SnapshotRefusedException("it is too large");
            }

            return Open(File.ReadAllBytes(Path));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException
            or MalformedObjectException or ArgumentException)
        {
            throw new SnapshotRefusedException(fault.Message);
        }
    }

    /// <exception cref="IOException">the disk does not take it</exception>
    public void Write(DiscoveredObjects objects, DateTimeOffset now)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            SnapshotJson.Write(writer, objects);
        }

        var head = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(head))
        {
            writer.WriteStartObject();
            writer.WriteNumber("format", Format);
            writer.WriteString("cluster", cluster);
            writer.WriteString("savedAt", now);
            writer.WriteNumber("bytes", body.WrittenCount);
            writer.WriteString("sha256", Convert.ToHexStringLower(SHA256.HashData(body.WrittenSpan)));
            writer.WriteEndObject();
        }

        WholeFile.Write(Path, [.. head.WrittenSpan, (byte)'\n', .. body.WrittenSpan]);
    }

    private Snapshot Open(ReadOnlyMemory<byte> file)
    {
        var lineEnd = file.Span.IndexOf((byte)'\n');
        if (lineEnd < 0)
        {
            throw new SnapshotRefusedException("its first line is cut");
        }

        using var head = JsonDocument.Parse(file[..lineEnd]);
        var body = file[(lineEnd + 1)..];
        if (head.RootElement.Number("format") != Format)
        {
            throw new SnapshotRefusedException("it has another format");
        }

        if (head.RootElement.Number("bytes") != body.Length)
        {
            throw new SnapshotRefusedException($"it has {body.Length} bytes and says that it has others");
        }

        if (head.RootElement.Text("sha256") != Convert.ToHexStringLower(SHA256.HashData(body.Span)))
        {
            throw new SnapshotRefusedException("its checksum is wrong");
        }

        if (head.RootElement.Text("cluster") != cluster)
        {
            throw new SnapshotRefusedException("it is of another cluster");
        }

        using var document = JsonDocument.Parse(body);
        var savedAt = head.RootElement.Time("savedAt") ?? DateTimeOffset.UnixEpoch;
        return new Snapshot(SnapshotJson.Read(document.RootElement), savedAt);
    }
}

/// <summary>Files that are there whole or as they were before, also after a power cut.</summary>
internal static class WholeFile
{
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var beside = path + ".new";
        using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
    }
}
