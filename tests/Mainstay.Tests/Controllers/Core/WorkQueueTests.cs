using Mainstay.Controllers.Core;
using Mainstay.Kube;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Controllers.Core;

public class WorkQueueTests
{
    private static readonly ObjectKey A = new("n", "a");
    private static readonly ObjectKey B = new("n", "b");
    private readonly FakeTimeProvider _time = new();
    private readonly WorkQueue _queue;

    public WorkQueueTests() => _queue = new WorkQueue(_time, new Random(1));

    [Fact]
    public void A_key_is_taken_once_however_often_it_was_added()
    {
        _queue.Add(A);
        _queue.Add(B);
        _queue.Add(A);
        Assert.Equal([A, B], Drain().Order(Comparer<ObjectKey>.Create((x, y) =>
            string.CompareOrdinal(x.Name, y.Name))));
        _queue.Add(A);
        Assert.Equal([A], Drain());
    }

    [Fact]
    public void The_earliest_wish_counts()
    {
        _queue.AddAfter(A, TimeSpan.FromSeconds(10));
        _queue.AddAfter(A, TimeSpan.FromSeconds(5));
        _queue.AddAfter(A, TimeSpan.FromSeconds(20));
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Empty(Drain());
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal([A], Drain());
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Empty(Drain());
    }

    [Fact]
    public void A_key_that_fails_waits_longer_each_time_and_holds_no_other()
    {
        var first = _queue.Failed(A);
        _queue.Add(B);
        Assert.Equal([B], Drain());
        var second = _queue.Failed(A);
        Assert.True(second > first);
        for (var failure = 0; failure < 20; failure++)
        {
            _queue.Failed(A);
        }
        Assert.InRange(_queue.Failed(A), TimeSpan.FromSeconds(24), TimeSpan.FromSeconds(30));
        _queue.Succeeded(A);
        Assert.InRange(_queue.Failed(A), TimeSpan.FromMilliseconds(40), TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task A_taker_wakes_for_what_is_added_while_it_waits()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        _queue.AddAfter(A, TimeSpan.FromHours(1));
        var taking = _queue.TakeAsync(deadline.Token);
        Assert.False(taking.IsCompleted);
        _queue.Add(B);
        Assert.Equal(B, await taking);
        var next = _queue.TakeAsync(deadline.Token);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(A, await next);
    }

    private List<ObjectKey> Drain()
    {
        var keys = new List<ObjectKey>();
        while (_queue.TryTake(out var key))
        {
            keys.Add(key);
        }
        return keys;
    }
}
