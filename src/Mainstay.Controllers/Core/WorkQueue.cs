using Mainstay.Kernel;
using Mainstay.Kube;

namespace Mainstay.Controllers.Core;

/// <summary>
/// Keys to look at, each at most once, at the earliest time somebody asked for: add a, add b, add a gives a, b. A key
/// that fails comes back after a back-off of its own. Any thread adds; one loop takes, so that a key added while it is
/// worked on is taken again afterwards. Bounded by the number of objects.
/// </summary>
internal sealed class WorkQueue(TimeProvider time, Random random)
{
    private static readonly BackoffOptions Patience =
        new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(30), 2, 0.2);

    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, long> _dueAt = [];
    private readonly PriorityQueue<ObjectKey, long> _order = new();
    private readonly Dictionary<ObjectKey, Backoff> _backoffs = [];
    private TaskCompletionSource _news = NewSignal();

    public int Depth
    {
        get
        {
            lock (_lock)
            {
                return _dueAt.Count;
            }
        }
    }

    public void Add(ObjectKey key) => AddAfter(key, TimeSpan.Zero);

    public void AddAfter(ObjectKey key, TimeSpan delay)
    {
        var due = time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);
        lock (_lock)
        {
            if (_dueAt.TryGetValue(key, out var known) && known <= due)
            {
                return;
            }
            _dueAt[key] = due;
            _order.Enqueue(key, due);
            _news.TrySetResult();
        }
    }

    /// <summary>The key failed: it comes back later, each time in a row later.</summary>
    public TimeSpan Failed(ObjectKey key)
    {
        TimeSpan delay;
        lock (_lock)
        {
            if (!_backoffs.TryGetValue(key, out var backoff))
            {
                _backoffs[key] = backoff = new Backoff(Patience, random);
            }
            delay = backoff.Next();
        }
        AddAfter(key, delay);
        return delay;
    }

    public void Succeeded(ObjectKey key)
    {
        lock (_lock)
        {
            _backoffs.Remove(key);
        }
    }

    public async Task<ObjectKey> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task news;
            TimeSpan wait;
            lock (_lock)
            {
                if (TryTakeLocked(out var key, out wait))
                {
                    return key;
                }
                _news = NewSignal();
                news = _news.Task;
            }
            await WaitAsync(news, wait, cancellationToken);
        }
    }

    /// <summary>The next key that is due now, for loops driven by a test.</summary>
    public bool TryTake(out ObjectKey key)
    {
        lock (_lock)
        {
            return TryTakeLocked(out key, out _);
        }
    }

    private bool TryTakeLocked(out ObjectKey key, out TimeSpan wait)
    {
        wait = Timeout.InfiniteTimeSpan;
        while (_order.TryPeek(out key, out var due))
        {
            if (!_dueAt.TryGetValue(key, out var wanted) || wanted != due)
            {
                // An earlier time was asked for since; that entry stands elsewhere.
                _order.Dequeue();
                continue;
            }
            var ahead = due - time.GetTimestamp();
            if (ahead > 0)
            {
                wait = TimeSpan.FromSeconds((double)ahead / time.TimestampFrequency) + TimeSpan.FromMilliseconds(1);
                return false;
            }
            _order.Dequeue();
            _dueAt.Remove(key);
            return true;
        }
        return false;
    }

    private async Task WaitAsync(Task news, TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            await news.WaitAsync(wait, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The key at the head is due now.
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
