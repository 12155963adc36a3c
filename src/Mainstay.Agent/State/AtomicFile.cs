using System.Text;

namespace Mainstay.Agent.State;

/// <summary>
/// Replaces a file whole: a reader, or an agent after a crash, sees the old content or the new. Owner only.
/// </summary>
internal static class AtomicFile
{
    public static void WriteText(string path, string text, bool durable) =>
        Write(path, Encoding.UTF8.GetBytes(text), durable);

    /// <param name="durable">also survives a power cut; costs a sync of the disk</param>
    public static void Write(string path, ReadOnlySpan<byte> bytes, bool durable)
    {
        var temporary = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            BufferSize = 0,
        };
        using (var file = new FileStream(temporary, options))
        {
            file.Write(bytes);
            if (durable)
            {
                file.Flush(flushToDisk: true);
            }
        }

        File.Move(temporary, path, overwrite: true);
    }
}
