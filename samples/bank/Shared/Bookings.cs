namespace Bank.Shared;

/// <summary>
/// Books by the ledger, then tells the feed. The money is what counts: a feed that is away holds nothing up.
/// </summary>
internal sealed class Bookings(RouterClient router)
{
    public async Task<Answer<Receipt>> BookAsync(Booking booking, CancellationToken cancellationToken)
    {
        var book = Call<Receipt>.Post("ledger/bookings", booking, Wires.Booking) with
        {
            Tries = 3,
            TryTimeout = TimeSpan.FromSeconds(1.5),
            IdempotencyKey = booking.Id,
        };
        var answer = await router.SendAsync(book, cancellationToken);
        if (!answer.IsProblem(out _, out var receipt))
        {
            // The feed reads the ledger anyway; this only makes it look sooner. Its failure is not the payment's.
            var nudge = Call<Accepted>.Post("feed/nudges", new FeedNudge(receipt.Sequence), Wires.Nudge) with
            {
                Tries = 1,
                TryTimeout = TimeSpan.FromMilliseconds(250),
            };
            await router.SendAsync(nudge, cancellationToken);
        }

        return answer;
    }
}
