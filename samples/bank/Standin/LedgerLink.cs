using System.Threading.Channels;
using Bank.Shared;
using Microsoft.Data.Sqlite;

namespace Bank.Standin;

/// <summary>
/// The way to the ledger and back: keeps the copy up with the journal, and hands over what was authorised, oldest
/// first, each until the ledger has decided it. Every second, and at once when something was authorised. One loop.
/// </summary>
internal sealed class LedgerLink(
    StandinStore store, RouterClient router, ServiceSeams seams, ILogger<LedgerLink> logger)
    : BackgroundService
{
    private const int HandOverMax = 64;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // One word that waits is enough: the round that follows takes all there is.
    private readonly Channel<bool> _nudges = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private volatile Problem? _problem = new("never-asked", 503, "the ledger has not been asked yet");
    private long _wholeAtTicks;

    public void Nudge() => _nudges.Writer.TryWrite(true);

    public StandinStatus Status()
    {
        var ticks = Interlocked.Read(ref _wholeAtTicks);
        var lag = ticks == 0
            ? (double?)null
            : (seams.Time.GetUtcNow().UtcTicks - ticks) / (double)TimeSpan.TicksPerSecond;
        return new StandinStatus(
            store.Count("waiting"), store.Count("booked"), store.Count("refused"), store.Sequence, lag,
            _problem is null, _problem?.Detail);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var problem = await RoundAsync(stoppingToken);
            if ((problem is null) != (_problem is null))
            {
                logger.StandinLink(problem?.Detail ?? "the ledger answers");
            }

            _problem = problem;
            await WaitAsync(stoppingToken);
        }
    }

    private async Task<Problem?> RoundAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await HandOverAsync(cancellationToken) ?? await FollowAsync(cancellationToken);
        }
        catch (SqliteException fault)
        {
            // A full disk, for one. Nothing is forgotten: the next round begins where this one did.
            return new Problem("standin-cannot-write", 503, fault.Message);
        }
    }

    private async Task<Problem?> HandOverAsync(CancellationToken cancellationToken)
    {
        while (store.Waiting(HandOverMax) is { Count: > 0 } waiting)
        {
            foreach (var authorised in waiting)
            {
                var call = Call<Receipt>.Post("ledger/bookings", authorised.Booking, Wires.Booking) with
                {
                    IdempotencyKey = authorised.Booking.Id,
                };
                var answer = await router.SendAsync(call, cancellationToken);
                if (answer.Problem is { Status: >= 500 or 408 or 429 } problem)
                {
                    return problem;
                }

                // A refusal is final too: the ledger keeps it under the id, and so the bank bears the loss.
                var isRefused = answer.IsProblem(out var refusal, out var receipt);
                store.Settle(authorised.Booking.Id, isRefused ? null : receipt!.Sequence);
                if (isRefused)
                {
                    logger.StandinDisagrees(authorised.Booking.Id, refusal!.Detail);
                }
            }
        }

        return null;
    }

    private async Task<Problem?> FollowAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var askedAt = seams.Time.GetUtcNow();
            var path = $"/journal?after={store.Sequence}&limit={Limits.JournalPageMax}";
            var call = Call<JournalPage>.Get("ledger", path, BankJson.Default.JournalPage);
            if ((await router.SendAsync(call, cancellationToken)).IsProblem(out var problem, out var page))
            {
                return problem;
            }

            store.Take(page);
            if (page.Items.Count < Limits.JournalPageMax)
            {
                Interlocked.Exchange(ref _wholeAtTicks, askedAt.UtcTicks);
                return null;
            }
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var interval = new CancellationTokenSource(Interval, seams.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(interval.Token, cancellationToken);
        try
        {
            await _nudges.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing was authorised within the interval: look all the same.
        }
    }
}
