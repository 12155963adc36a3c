using System.Threading.Channels;
using Bank.Shared;

namespace Bank.Feed;

/// <summary>
/// Keeps the book up with the ledger: when nudged, when an app looks, and every second. Many who wait share one read.
/// </summary>
internal sealed class FeedReader(FeedBook book, RouterClient router, ServiceSeams seams, ILogger<FeedReader> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _reading = new(1, 1);

    // One nudge that waits says as much as ten: the read that follows goes to the journal's end.
    private readonly Channel<long> _nudges = Channel.CreateBounded<long>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Nudge(long sequence)
    {
        if (sequence > book.Sequence)
        {
            _nudges.Writer.TryWrite(sequence);
        }
    }

    /// <summary>
    /// Reads to the journal's end. A problem: the ledger did not answer, and the book is as old as it says.
    /// </summary>
    public async Task<Problem?> CatchUpAsync(CancellationToken cancellationToken)
    {
        var askedAt = seams.Time.GetUtcNow();
        await _reading.WaitAsync(cancellationToken);
        try
        {
            // Someone else has begun a read to the end since we asked: that is as good as our own.
            return book.ReadAt > askedAt ? null : await ReadToEndAsync(cancellationToken);
        }
        finally
        {
            _reading.Release();
        }
    }

    public override void Dispose()
    {
        _reading.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var known = false;
        while (true)
        {
            var problem = await CatchUpAsync(stoppingToken);
            if (problem is null && !known)
            {
                logger.FeedCaughtUp(book.Sequence);
            }
            else if (problem is not null && known)
            {
                logger.FeedBehind(problem.Detail);
            }

            known = problem is null;
            await WaitForNudgeAsync(stoppingToken);
        }
    }

    private async Task WaitForNudgeAsync(CancellationToken stoppingToken)
    {
        using var interval = new CancellationTokenSource(Interval, seams.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(interval.Token, stoppingToken);
        try
        {
            await _nudges.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // No nudge within the interval: look all the same.
        }
    }

    private async Task<Problem?> ReadToEndAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var readAt = seams.Time.GetUtcNow();
            var path = $"/journal?after={book.Sequence}&limit={Limits.JournalPageMax}";
            var call = Call<JournalPage>.Get("ledger", path, BankJson.Default.JournalPage);
            var answer = await router.SendAsync(call, cancellationToken);
            if (answer.IsProblem(out var problem, out var page))
            {
                return problem;
            }

            var ended = page.Items.Count < Limits.JournalPageMax;
            book.Add(page, ended ? readAt : null);
            if (ended)
            {
                return null;
            }
        }
    }
}
