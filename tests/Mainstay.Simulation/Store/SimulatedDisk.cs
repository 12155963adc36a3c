using Mainstay.Store.Log;

namespace Mainstay.Simulation.Store;

/// <summary>What a disk may be made to do wrong, to see that the simulation would notice.</summary>
[Flags]
internal enum DiskLie
{
    None = 0,

    /// <summary>A sync of a file returns and does nothing.</summary>
    FileSyncSkipped = 1,

    /// <summary>A sync of the folder returns and does nothing.</summary>
    NameSyncSkipped = 2,
}

/// <summary>The power went off: thrown by the operation that was going on.</summary>
internal sealed class PowerCutException() : Exception("power cut");

/// <summary>
/// A disk in memory that keeps what was synced and promises nothing else. <see cref="Crash"/> takes each write that
/// was not synced and drops it, keeps it, or keeps some of its sectors; of the names that were changed since the
/// folder was synced it keeps the first few. After a set number of operations the power goes off.
/// </summary>
internal sealed class SimulatedDisk(Random random, DiskLie lie) : IStoreFolder
{
    private readonly List<Action<Dictionary<string, Inode>>> _unsyncedNames = [];
    private Dictionary<string, Inode> _syncedNames = [];
    private Dictionary<string, Inode> _names = [];
    private int _operationsLeft = int.MaxValue;

    /// <summary>Bytes that all files together may take.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    public Random Random => random;

    public DiskLie Lie => lie;

    public void CutPowerAfter(int operations) => _operationsLeft = operations;

    /// <summary>The disk as the next start finds it.</summary>
    public void Crash()
    {
        var kept = random.Next(_unsyncedNames.Count + 1);
        foreach (var change in _unsyncedNames.Take(kept))
        {
            change(_syncedNames);
        }

        _unsyncedNames.Clear();
        _names = new Dictionary<string, Inode>(_syncedNames);
        foreach (var inode in _names.Values.Distinct())
        {
            inode.Crash(random);
        }

        _operationsLeft = int.MaxValue;
    }

    public string PathOf(string name) => $"/simulated/{name}";

    public IReadOnlyList<string> List() => [.. _names.Keys];

    public IStoreFile Create(string name)
    {
        Step();
        var inode = new Inode();
        ChangeNames(names => names[name] = inode);
        return new OpenFile(this, inode);
    }

    public IStoreFile OpenToRead(string name) => new OpenFile(this, _names[name]);

    public IStoreFile OpenToWrite(string name) => new OpenFile(this, _names[name]);

    public void Rename(string from, string to)
    {
        Step();
        ChangeNames(names =>
        {
            names.Remove(from, out var inode);
            names[to] = inode!; // only what exists is renamed
        });
    }

    public void Delete(string name)
    {
        Step();
        ChangeNames(names => names.Remove(name));
    }

    public void SyncNames()
    {
        Step();
        if (!lie.HasFlag(DiskLie.NameSyncSkipped))
        {
            _syncedNames = new Dictionary<string, Inode>(_names);
            _unsyncedNames.Clear();
        }
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    /// <summary>Damages a synced file: for tests of what is refused.</summary>
    public byte[] Content(string name) => _names[name].Now;

    private void ChangeNames(Action<Dictionary<string, Inode>> change)
    {
        change(_names);
        _unsyncedNames.Add(change);
    }

    private void Step()
    {
        if (_operationsLeft-- <= 0)
        {
            throw new PowerCutException();
        }
    }

    /// <summary>A file's bytes: as synced, as written, and the writes between the two.</summary>
    private sealed class Inode
    {
        private const int SectorBytes = 512;

        private readonly List<(long Offset, byte[] Bytes)> _unsynced = [];
        private byte[] _synced = [];

        public byte[] Now { get; private set; } = [];

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            Now = Applied(Now, offset, bytes);
            _unsynced.Add((offset, bytes.ToArray()));
        }

        /// <summary>Sizes are journaled by the file system: they are lost only with the whole file.</summary>
        public void Resize(long length)
        {
            var resized = new byte[length];
            Now.AsSpan(0, (int)Math.Min(length, Now.Length)).CopyTo(resized);
            Now = resized;
            var synced = new byte[length];
            _synced.AsSpan(0, (int)Math.Min(length, _synced.Length)).CopyTo(synced);
            _synced = synced;
        }

        public void Sync()
        {
            _synced = [.. Now];
            _unsynced.Clear();
        }

        public void Crash(Random random)
        {
            foreach (var (offset, bytes) in _unsynced)
            {
                switch (random.Next(4))
                {
                    case 0:
                        break;
                    case 1:
                        _synced = Applied(_synced, offset, bytes);
                        break;
                    case 2:
                        _synced = Applied(_synced, offset, bytes.AsSpan(0, random.Next(bytes.Length + 1)));
                        break;
                    default:
                        ApplySomeSectors(offset, bytes, random);
                        break;
                }
            }

            _unsynced.Clear();
            Now = [.. _synced];
        }

        private void ApplySomeSectors(long offset, byte[] bytes, Random random)
        {
            for (var at = 0; at < bytes.Length;)
            {
                var toBoundary = SectorBytes - (int)((offset + at) % SectorBytes);
                var length = Math.Min(toBoundary, bytes.Length - at);
                if (random.Next(2) == 0)
                {
                    _synced = Applied(_synced, offset + at, bytes.AsSpan(at, length));
                }

                at += length;
            }
        }

        private static byte[] Applied(byte[] content, long offset, ReadOnlySpan<byte> bytes)
        {
            var end = offset + bytes.Length;
            if (end > content.Length)
            {
                Array.Resize(ref content, (int)end);
            }

            bytes.CopyTo(content.AsSpan((int)offset));
            return content;
        }
    }

    private sealed class OpenFile(SimulatedDisk disk, Inode inode) : IStoreFile
    {
        public long Length => inode.Now.Length;

        public int Read(long offset, Span<byte> buffer)
        {
            var count = (int)Math.Clamp(inode.Now.Length - offset, 0, buffer.Length);
            inode.Now.AsSpan((int)Math.Min(offset, inode.Now.Length), count).CopyTo(buffer);
            return count;
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            ThrowIfFull(offset + bytes.Length);
            inode.Write(offset, bytes);
            // The write is on its way when the power goes.
            disk.Step();
        }

        public void Reserve(long length)
        {
            disk.Step();
            ThrowIfFull(length);
            inode.Resize(Math.Max(length, inode.Now.Length));
        }

        public void Truncate(long length)
        {
            disk.Step();
            inode.Resize(length);
        }

        public void Sync()
        {
            // Before or after, the caller does not get to know.
            if (disk.Random.Next(2) == 0)
            {
                disk.Step();
                DoSync();
            }
            else
            {
                DoSync();
                disk.Step();
            }
        }

        public void Dispose()
        {
            // Nothing is held.
        }

        private void DoSync()
        {
            if (!disk.Lie.HasFlag(DiskLie.FileSyncSkipped))
            {
                inode.Sync();
            }
        }

        private void ThrowIfFull(long length)
        {
            var others = disk._names.Values.Where(one => one != inode).Sum(one => (long)one.Now.Length);
            if (others + Math.Max(length, inode.Now.Length) > disk.Capacity)
            {
                throw new DiskFullException("/simulated");
            }
        }
    }
}
