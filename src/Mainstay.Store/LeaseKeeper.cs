using Mainstay.Etcd;
using Mainstay.Store.Lease;
using Mainstay.Store.Mvcc;
using Microsoft.Extensions.Logging;

namespace Mainstay.Store;

/// <summary>Renews leases and ends those that nobody renews: their keys are deleted by an ordinary write.</summary>
internal sealed class LeaseKeeper
{
    // etcd looks as often.
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(500);

    private readonly CommitLoop _commits;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _started;
    private readonly Lock _gate = new();
    private readonly LeaseClock _clock = new();
    private long _endedCount;

    public LeaseKeeper(CommitLoop commits, MvccView view, TimeProvider time, ILogger<LeaseKeeper> logger)
    {
        _commits = commits;
        _time = time;
        _logger = logger;
        _started = time.GetTimestamp();
        foreach (var lease in view.Leases.ById.Values)
        {
            _clock.Start(lease.Id, lease.TtlSeconds, TimeSpan.Zero);
        }
    }

    /// <summary>Leases that ended by themselves.</summary>
    public long EndedCount => Interlocked.Read(ref _endedCount);

    private TimeSpan Now => _time.GetElapsedTime(_started);

    public void Start(long id, long ttlSeconds)
    {
        lock (_gate)
        {
            _clock.Start(id, ttlSeconds, Now);
        }
    }

    public void Stop(long id)
    {
        lock (_gate)
        {
            _clock.Stop(id);
        }
    }

    public long? Renew(long id)
    {
        lock (_gate)
        {
            return _clock.Renew(id, Now);
        }
    }

    public long? RemainingSeconds(long id)
    {
        lock (_gate)
        {
            return _clock.RemainingSeconds(id, Now);
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(CheckInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await EndDueAsync();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The store stops; its leases have their whole time again when it starts.
        }
    }

    private async Task EndDueAsync()
    {
        IReadOnlyList<long> due;
        lock (_gate)
        {
            due = _clock.TakeDue(Now, Limits.LeasesEndedMax);
        }

        if (due.Count == 0)
        {
            return;
        }

        var outcomes = await Task.WhenAll(due.Select(id => _commits.SubmitAsync(new StoreWrite.EndLease(id))));
        lock (_gate)
        {
            for (var i = 0; i < outcomes.Length; i++)
            {
                // Not found: somebody revoked it meanwhile.
                if (outcomes[i].Error is null || outcomes[i].Error == EtcdErrors.LeaseNotFound)
                {
                    _clock.Stop(due[i]);
                }
                else
                {
                    _clock.EndFailed(due[i], Now);
                }
            }
        }

        Interlocked.Add(ref _endedCount, due.Count);
        _logger.LeasesEnded(due.Count);
    }
}
