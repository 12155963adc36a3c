using Google.Protobuf;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;
using Mainstay.Store;
using Mainstay.Store.Log;
using Mainstay.Store.Mvcc;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mainstay.Tests.Store;

public sealed class CommitLoopTests : IDisposable, ICommitObserver
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mainstay-commit-");
    private readonly DiskFolder _disk;
    private readonly StoreEngine _engine;
    private readonly CommitLoop _loop;
    private readonly List<int> _batches = [];

    public CommitLoopTests()
    {
        _disk = DiskFolder.Open(_folder.FullName);
        _engine = StoreEngine.Open(_disk, new EngineOptions(1_000_000_000, 1_000_000_000));
        _loop = new CommitLoop(_engine, this, TimeProvider.System, NullLogger<CommitLoop>.Instance);
    }

    void ICommitObserver.Committed(MvccView view, int writes, TimeSpan took) => _batches.Add(writes);

    public void Dispose()
    {
        _loop.Dispose();
        _engine.Dispose();
        _disk.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Writes_that_wait_share_a_sync_and_each_is_answered_with_its_own_revision()
    {
        var answers = Enumerable.Range(0, 100).Select(i => _loop.SubmitAsync(Put($"k{i}"))).ToArray();
        using var ending = new CancellationTokenSource();
        var running = _loop.RunAsync(ending.Token);

        var outcomes = await Task.WhenAll(answers);
        await ending.CancelAsync();
        await running;

        Assert.Equal([100], _batches);
        Assert.Equal(Enumerable.Range(2, 100), outcomes.Select(outcome => (int)outcome.Revision));
        Assert.Equal(2ul, _engine.FramesWritten); // the batch, and the one that closes the log
    }

    [Fact]
    public async Task What_was_accepted_before_the_stop_is_written_and_what_comes_later_is_refused()
    {
        using var ending = new CancellationTokenSource();
        var accepted = _loop.SubmitAsync(Put("a"));
        await ending.CancelAsync();

        await _loop.RunAsync(ending.Token);

        Assert.Null((await accepted).Error);
        Assert.Equal(2, _engine.View.Revision);
        Assert.Equal(EtcdErrors.Stopped, (await _loop.SubmitAsync(Put("b"))).Error);
    }

    [Fact]
    public async Task More_writes_than_may_wait_are_told_to_come_later()
    {
        for (var i = 0; i < Limits.PendingWritesMax; i++)
        {
            Assert.False(_loop.SubmitAsync(Put("a")).IsCompleted);
        }

        Assert.Equal(EtcdErrors.TooManyRequests, (await _loop.SubmitAsync(Put("a"))).Error);
    }

    private static StoreWrite.Put Put(string key) =>
        new(new PutRequest { Key = ByteString.CopyFromUtf8(key) }, 10);
}
