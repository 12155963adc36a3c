using System.Threading.Channels;
using Bank.Shared;
using Microsoft.Data.Sqlite;

namespace Bank.Ledger;

/// <summary>
/// The one writer. Bookings queue up; all that wait are decided in one commit and share its fsync, so the rate under
/// load is not bound to one booking per fsync. A full queue answers 503: the caller has the id and tries again.
/// </summary>
internal sealed class LedgerWriter(LedgerBook book, ILogger<LedgerWriter> logger) : BackgroundService
{
    private readonly Channel<Order> _orders = Channel.CreateBounded<Order>(
        new BoundedChannelOptions(Limits.LedgerBacklogMax) { SingleReader = true });

    public async Task<Answer<Receipt>> BookAsync(Booking booking, CancellationToken cancellationToken)
    {
        var order = new Order(booking);
        if (!_orders.Writer.TryWrite(order))
        {
            var detail = $"{Limits.LedgerBacklogMax} bookings wait already; try again with the same id";
            return new Problem("ledger-busy", 503, detail);
        }

        // Who stops waiting does not take the order back: it will be decided, and the id tells how.
        return await order.Decided.Task.WaitAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<Order>(Limits.LedgerBatchMax);
        try
        {
            while (await _orders.Reader.WaitToReadAsync(stoppingToken))
            {
                batch.Clear();
                while (batch.Count < Limits.LedgerBatchMax && _orders.Reader.TryRead(out var order))
                {
                    batch.Add(order);
                }

                Commit(batch);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // SIGTERM: what still waits gets 503 by the server's own end, undecided.
        }
    }

    private void Commit(List<Order> batch)
    {
        try
        {
            var answers = book.Book(batch.ConvertAll(order => order.Booking));
            for (var index = 0; index < batch.Count; index++)
            {
                batch[index].Decided.TrySetResult(answers[index]);
            }
        }
        catch (SqliteException fault)
        {
            // A full disk, for one. Nothing of the batch is booked; the next one may go through.
            logger.CommitFailed(fault, batch.Count);
            var problem = new Problem("ledger-cannot-write", 503, $"nothing was booked: {fault.Message}");
            batch.ForEach(order => order.Decided.TrySetResult(problem));
        }
    }

    private sealed class Order(Booking booking)
    {
        public Booking Booking { get; } = booking;

        public TaskCompletionSource<Answer<Receipt>> Decided { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
