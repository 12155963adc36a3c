using Google.Protobuf;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;
using Mainstay.Kernel;
using Mainstay.Store;
using Mainstay.Store.Log;

namespace Mainstay.Tests.Store;

public sealed class StoreEngineTests : IDisposable
{
    private static readonly EngineOptions Options = new(QuotaBytes: 1_000_000, CheckpointLogBytes: 10_000, 4_096);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mainstay-store-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_store_that_is_opened_again_holds_keys_history_leases_and_compaction()
    {
        using (var store = Open())
        {
            store.Commit([new StoreWrite.GrantLease(7, 60), Put("a", "1", lease: 7), Put("a", "2", lease: 7)]);
            store.Commit([Put("b", "1"), new StoreWrite.Compact(3)]);
        }

        using var again = Open();

        var view = again.Engine.View;
        Assert.Equal((4, 3, 2), (view.Revision, view.CompactRevision, view.Use.Keys));
        Assert.Equal("a", Assert.Single(view.Leases.Find(7)!.Keys).ToStringUtf8());
        Assert.Equal("2", view.History.At(3)!.Kv.Value.ToStringUtf8());
    }

    [Fact]
    public void A_checkpoint_replaces_the_log_and_the_store_reads_the_same_from_it()
    {
        using (var store = Open())
        {
            for (var i = 0; i < 200; i++)
            {
                store.Commit([Put($"k{i % 20}", new string('v', 100))]);
            }

            store.Commit([new StoreWrite.Compact(150)]);
            while (store.Engine.CompactSome())
            {
            }

            Assert.True(store.Engine.IsCheckpointDue);
            var checkpoint = store.Engine.BeginCheckpoint();
            store.Commit([Put("behind", "the checkpoint")]);
            while (checkpoint.Step())
            {
            }

            store.Engine.EndCheckpoint(checkpoint, isDurable: true);
        }

        Assert.Equal(2, _folder.GetFiles("*.log").Length + _folder.GetFiles("*.checkpoint").Length);
        using var again = Open();
        var view = again.Engine.View;
        Assert.Equal((202, 150, 21), (view.Revision, view.CompactRevision, view.Use.Keys));
        Assert.Equal(8, view.History.At(160)!.Kv.Version);
    }

    [Fact]
    public void A_broken_frame_with_others_behind_it_is_refused_with_file_and_offset_and_nothing_changes()
    {
        using (var store = Open())
        {
            store.Commit([Put("a", "1")]);
            store.Commit([Put("b", "2")]);
            store.Engine.Close();
        }

        var file = Assert.Single(_folder.GetFiles("*.log")).FullName;
        var bytes = File.ReadAllBytes(file);
        bytes[FileHeader.Bytes + Frame.HeaderBytes + 3] ^= 0x40;
        File.WriteAllBytes(file, bytes);

        var refused = Assert.Throws<StartException>(() => Open());

        Assert.Contains($"{file} is broken at byte {FileHeader.Bytes}", refused.Message, StringComparison.Ordinal);
        Assert.Equal(bytes, File.ReadAllBytes(file));
    }

    [Fact]
    public void Every_flipped_byte_of_a_closed_store_is_found_or_harmless()
    {
        using (var store = Open())
        {
            store.Commit([Put("a", "1")]);
            store.Commit([Put("b", "2")]);
            store.Engine.Close();
        }

        var file = Assert.Single(_folder.GetFiles("*.log")).FullName;
        var good = File.ReadAllBytes(file);
        var lastFrame = good.Length - Frame.HeaderBytes;
        for (var at = 0; at < good.Length; at++)
        {
            var bytes = good.ToArray();
            bytes[at] ^= 0x01;
            File.WriteAllBytes(file, bytes);
            // The zeros at the end of the head mean nothing, and the closing frame holds nothing.
            if (at >= lastFrame || at is >= 36 and < FileHeader.Bytes)
            {
                using var opened = Open();
                Assert.Equal(3, opened.Engine.View.Revision);
                opened.Engine.Dispose();
            }
            else
            {
                Assert.Throws<StartException>(() => Open());
                Assert.Equal(bytes, File.ReadAllBytes(file));
            }
        }
    }

    [Fact]
    public void A_write_that_a_crash_cut_off_is_taken_away_and_told()
    {
        using (var store = Open())
        {
            store.Commit([Put("a", "1")]);
        }

        var file = Assert.Single(_folder.GetFiles("*.log")).FullName;
        var bytes = File.ReadAllBytes(file);
        var end = Array.FindLastIndex(bytes, one => one != 0) + 1;
        // Half of a second frame.
        File.WriteAllBytes(file, [.. bytes[..end], 200, 0, 0, 0, 1, 2, 3, 4, 2, 0, 0, 0, 0, 0, 0, 0, 9, 9]);

        using var again = Open();

        Assert.Contains($"at byte {end}", again.Engine.TornAt, StringComparison.Ordinal);
        Assert.Equal(2, again.Engine.View.Revision);
        again.Commit([Put("b", "2")]);
        Assert.Equal(3, again.Engine.View.Revision);
    }

    [Fact]
    public void A_missing_segment_is_refused_by_name()
    {
        using (var store = Open())
        {
            store.Commit([Put("a", "1")]);
            var checkpoint = store.Engine.BeginCheckpoint();
            store.Engine.EndCheckpoint(checkpoint, isDurable: false);
            store.Commit([Put("b", "2")]);
        }

        var files = _folder.GetFiles("*.log").OrderBy(file => file.Name).ToArray();
        Assert.Equal(2, files.Length);
        files[0].Delete();

        var refused = Assert.Throws<StartException>(() => Open());

        Assert.Contains(files[1].FullName, refused.Message, StringComparison.Ordinal);
        Assert.Contains("a file is missing", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_store_on_the_same_folder_is_refused()
    {
        using var first = Open();

        var refused = Assert.Throws<StartException>(() => Open());

        Assert.Contains("another store uses", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Beyond_the_quota_puts_are_refused_until_compaction_and_disarming()
    {
        using var store = Open();
        var big = new string('v', 100_000);
        var outcomes = Enumerable.Range(0, 12).Select(_ => store.Commit([Put("a", big)])[0]).ToArray();
        Assert.Null(outcomes[0].Error);
        Assert.Equal(EtcdErrors.NoSpace, outcomes[^1].Error);
        Assert.True(store.Engine.View.Use.IsOutOfSpace);

        Assert.Null(store.Commit([new StoreWrite.Compact(store.Engine.View.Revision)])[0].Error);
        while (store.Engine.CompactSome())
        {
        }

        Assert.Equal(EtcdErrors.NoSpace, store.Commit([Put("a", "small")])[0].Error);
        store.Commit([new StoreWrite.SetSpaceAlarm(false)]);

        Assert.Null(store.Commit([Put("a", big)])[0].Error);
    }

    [Fact]
    public void Compaction_gives_back_the_memory_of_what_it_takes_away()
    {
        using var store = Open();
        for (var i = 0; i < 50; i++)
        {
            store.Commit([Put("a", new string('v', 1_000))]);
        }

        store.Commit([new StoreWrite.Delete(new DeleteRangeRequest { Key = ByteString.CopyFromUtf8("a") }, 10)]);
        store.Commit([new StoreWrite.Compact(store.Engine.View.Revision)]);
        while (store.Engine.CompactSome())
        {
        }

        var use = store.Engine.View.Use;
        Assert.Equal((0, 0, 0), (use.Bytes, use.Versions, use.Keys));
    }

    [Fact]
    public void A_lease_that_ends_takes_its_keys_in_one_revision()
    {
        using var store = Open();
        store.Commit([new StoreWrite.GrantLease(7, 60), Put("b", "1", 7), Put("a", "1", 7), Put("c", "1")]);

        store.Commit([new StoreWrite.EndLease(7)]);

        var view = store.Engine.View;
        var first = view.History.At(view.Revision)!;
        Assert.Equal((5, 1), (view.Revision, view.Use.Keys));
        Assert.Equal("a", first.Kv.Key.ToStringUtf8());
        Assert.Equal("b", first.NextInRevision!.Kv.Key.ToStringUtf8());
        Assert.Equal(EtcdErrors.LeaseNotFound, store.Commit([Put("d", "1", 7)])[0].Error);
    }

    private static StoreWrite.Put Put(string key, string value, long lease = 0)
    {
        var request = new PutRequest
        {
            Key = ByteString.CopyFromUtf8(key), Value = ByteString.CopyFromUtf8(value), Lease = lease,
        };
        return new StoreWrite.Put(request, request.CalculateSize());
    }

    private OpenStore Open() => new(_folder.FullName);

    /// <summary>An engine with its folder; disposed as a crash would: without closing the log.</summary>
    private sealed class OpenStore : IDisposable
    {
        private readonly DiskFolder _disk;

        public OpenStore(string path)
        {
            _disk = DiskFolder.Open(path);
            try
            {
                Engine = StoreEngine.Open(_disk, Options);
            }
            catch
            {
                _disk.Dispose();
                throw;
            }
        }

        public StoreEngine Engine { get; }

        public WriteOutcome[] Commit(IReadOnlyList<StoreWrite> writes) => Engine.Commit(writes);

        public void Dispose()
        {
            Engine.Dispose();
            _disk.Dispose();
        }
    }
}
