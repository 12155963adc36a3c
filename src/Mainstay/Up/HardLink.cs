using System.Runtime.InteropServices;

namespace Mainstay.Up;

/// <summary>A second name for the same file: fifteen images of one program cost one.</summary>
internal static partial class HardLink
{
    /// <returns>false where the two paths lie on different file systems or the kernel refuses otherwise</returns>
    public static bool TryCreate(string source, string target) => Link(source, target) == 0;

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string source, string target);
}
