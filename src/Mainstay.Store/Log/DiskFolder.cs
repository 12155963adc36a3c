using System.Runtime.InteropServices;
using Mainstay.Kernel;
using Microsoft.Win32.SafeHandles;

namespace Mainstay.Store.Log;

/// <summary>A folder of this machine, locked against a second store.</summary>
internal sealed class DiskFolder : IStoreFolder
{
    private const string LockName = "LOCK";

    private readonly string _path;
    private readonly FileStream _lock;

    private DiskFolder(string path, FileStream @lock)
    {
        _path = path;
        _lock = @lock;
    }

    /// <exception cref="StartException">the folder cannot be made, or another store has it</exception>
    public static DiskFolder Open(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new StartException("the store runs on Linux only", "run it there, or in WSL");
        }

        try
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartException(
                $"cannot make the store's folder {path}: {exception.Message}", "give another --data-dir");
        }

        try
        {
            // The kernel lets go of this lock when the process ends, however it ends.
            var held = new FileStream(
                Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new DiskFolder(path, held);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new StartException(
                $"cannot write to the store's folder {path}: {exception.Message}", "mend its permissions");
        }
        catch (IOException exception) when (DiskFile.IsFull(exception))
        {
            throw new StartException($"no space left on the disk of {path}", "make room and start again");
        }
        catch (IOException)
        {
            throw new StartException(
                $"another store uses {path}", "stop it first, or give this one another --data-dir");
        }
    }

    public string PathOf(string name) => Path.Combine(_path, name);

    public IReadOnlyList<string> List() =>
        [.. Directory.GetFiles(_path).Select(Path.GetFileName).OfType<string>().Where(name => name != LockName)];

    public IStoreFile Create(string name) => DiskFile.Open(PathOf(name), FileMode.Create, FileAccess.ReadWrite);

    public IStoreFile OpenToRead(string name) => DiskFile.Open(PathOf(name), FileMode.Open, FileAccess.Read);

    public IStoreFile OpenToWrite(string name) => DiskFile.Open(PathOf(name), FileMode.Open, FileAccess.ReadWrite);

    public void Rename(string from, string to) => File.Move(PathOf(from), PathOf(to), overwrite: true);

    public void Delete(string name) => File.Delete(PathOf(name));

    public void SyncNames() => DiskSync.Folder(_path);

    public void Dispose() => _lock.Dispose();
}

internal sealed class DiskFile : IStoreFile
{
    private const int NoSpaceOnDevice = 28; // ENOSPC
    private const int QuotaExceeded = 122; // EDQUOT

    private readonly SafeFileHandle _handle;
    private readonly string _path;

    private DiskFile(SafeFileHandle handle, string path)
    {
        _handle = handle;
        _path = path;
    }

    public long Length => RandomAccess.GetLength(_handle);

    public static DiskFile Open(string path, FileMode mode, FileAccess access)
    {
        try
        {
            return new DiskFile(File.OpenHandle(path, mode, access, FileShare.Read), path);
        }
        catch (IOException exception) when (IsFull(exception))
        {
            throw new DiskFullException(path);
        }
    }

    public static bool IsFull(IOException exception) => exception.HResult is NoSpaceOnDevice or QuotaExceeded;

    public int Read(long offset, Span<byte> buffer)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var read = RandomAccess.Read(_handle, buffer[total..], offset + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_handle, bytes, offset);
        }
        catch (IOException exception) when (IsFull(exception))
        {
            throw new DiskFullException(_path);
        }
    }

    public void Reserve(long length)
    {
        var error = DiskSync.Reserve(_handle, length);
        if (error is NoSpaceOnDevice or QuotaExceeded)
        {
            throw new DiskFullException(_path);
        }

        // A file system that cannot reserve grows the file as it is written; the write then tells if there is no room.
    }

    public void Truncate(long length) => RandomAccess.SetLength(_handle, length);

    public void Sync() => DiskSync.File(_handle, _path);

    public void Dispose() => _handle.Dispose();
}

/// <summary>What .NET has no word for: sync without the time stamps, sync of a folder, room reserved ahead.</summary>
internal static partial class DiskSync
{
    private const int ReadOnly = 0;

    public static void File(SafeFileHandle handle, string path)
    {
        if (SyncData(handle) != 0)
        {
            throw new IOException($"cannot sync {path}: error {Marshal.GetLastPInvokeError()}");
        }
    }

    public static void Folder(string path)
    {
        var descriptor = OpenPath(path, ReadOnly);
        if (descriptor < 0)
        {
            throw new IOException($"cannot open the folder {path}: error {Marshal.GetLastPInvokeError()}");
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (SyncAll(handle) != 0)
        {
            throw new IOException($"cannot sync the folder {path}: error {Marshal.GetLastPInvokeError()}");
        }
    }

    /// <summary>The error number, 0 for none.</summary>
    public static int Reserve(SafeFileHandle handle, long length) => Allocate(handle, 0, length);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int SyncData(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncAll(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenPath(string path, int flags);

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int Allocate(SafeFileHandle file, long offset, long length);
}
