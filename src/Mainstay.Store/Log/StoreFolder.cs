namespace Mainstay.Store.Log;

/// <summary>
/// The folder that the store's files lie in: the only way to a disk. It promises what a disk promises and no more:
/// what is written may be lost, in part and in any order, until <see cref="IStoreFile.Sync"/>; a new, renamed or
/// deleted name may come back as it was until <see cref="SyncNames"/>.
/// </summary>
internal interface IStoreFolder : IDisposable
{
    /// <summary>For messages: the path that a person can open.</summary>
    string PathOf(string name);

    IReadOnlyList<string> List();

    IStoreFile Create(string name);

    IStoreFile OpenToRead(string name);

    IStoreFile OpenToWrite(string name);

    void Rename(string from, string to);

    void Delete(string name);

    void SyncNames();
}

internal interface IStoreFile : IDisposable
{
    long Length { get; }

    /// <summary>Reads up to the buffer's length; fewer bytes only at the end.</summary>
    int Read(long offset, Span<byte> buffer);

    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Grows the file with zeros and makes sure that the disk has room for them.</summary>
    /// <exception cref="DiskFullException">it has not</exception>
    void Reserve(long length);

    void Truncate(long length);

    /// <summary>What was written is on the disk when this returns.</summary>
    void Sync();
}

/// <summary>The disk, or the quota on it, has no room; nothing that was there before is harmed.</summary>
internal sealed class DiskFullException(string path)
    : IOException($"no space left on the disk of {path}");
