using Mainstay.Router.EventLoops;

namespace Mainstay.Router;

/// <summary>
/// A thread that turns one event loop. An exception in a loop is a bug: it ends <see cref="Ended"/>, and with it the
/// router.
/// </summary>
internal sealed class LoopThread
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly EventLoop _loop;

    private LoopThread(EventLoop loop) => _loop = loop;

    public Task Ended => _ended.Task;

    public static LoopThread Start(EventLoop loop, string name)
    {
        var owner = new LoopThread(loop);
        new Thread(owner.Run) { Name = name, IsBackground = true }.Start();
        return owner;
    }

    /// <summary>Does something on the loop's thread and brings its result back.</summary>
    public Task<T> DoAsync<T>(Func<T> action)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(() => done.SetResult(action()));
        return done.Task;
    }

    public void Stop() => _loop.Post(_loop.Stop);

    private void Run()
    {
        try
        {
            _loop.Run();
            _ended.SetResult();
        }
        catch (Exception bug)
        {
            _ended.SetException(bug);
        }
    }
}
