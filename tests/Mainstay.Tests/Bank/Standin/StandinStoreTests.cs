using Bank.Shared;
using Bank.Standin;
using Microsoft.Data.Sqlite;

namespace Mainstay.Tests.Bank.Standin;

public sealed class StandinStoreTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("standin-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "standin.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Money_that_the_ledger_booked_is_held_until_the_copy_has_the_booking()
    {
        using var store = StandinStore.Open(Path);
        store.Take(Page(Receipt("seed", "bank", "acc-alice", 100, 1)));
        Assert.Null(Authorise(store, "p-1", 100).Problem);

        store.Settle("p-1", sequence: 2);
        Assert.Equal("no money", Authorise(store, "p-2", 1).Problem?.Type);

        store.Take(Page(Receipt("p-1", "acc-alice", "shop", 100, 2)));
        Assert.Equal("no money", Authorise(store, "p-2", 1).Problem?.Type);
        store.Take(Page(Receipt("salary", "bank", "acc-alice", 1, 3)));
        Assert.Null(Authorise(store, "p-2", 1).Problem);
    }

    [Fact]
    public void What_the_ledger_refused_holds_nothing()
    {
        using var store = StandinStore.Open(Path);
        store.Take(Page(Receipt("seed", "bank", "acc-alice", 100, 1)));
        Authorise(store, "p-1", 100);

        store.Settle("p-1", sequence: null);

        Assert.Null(Authorise(store, "p-2", 100).Problem);
        Assert.Equal(1, store.Count("refused"));
    }

    [Fact]
    public void The_ids_of_the_journal_are_kept_up_to_their_bound_and_the_oldest_go_first()
    {
        using var store = StandinStore.Open(Path);
        store.Take(Page(Receipt("old", "acc-alice", "shop", 1, 1)));
        store.Take(Page(Receipt("new", "acc-alice", "shop", 1, Limits.StandinJournalMax + 1)));

        Assert.Equal("no money", Authorise(store, "old", 1).Problem?.Type);
        Assert.Equal("booked", Authorise(store, "new", 1).Value?.State);
    }

    [Fact]
    public void A_file_of_before_the_queue_knew_places_in_the_journal_is_taken_over()
    {
        using (var connection = new SqliteConnection($"Data Source={Path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = """
                CREATE TABLE queue(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, debit TEXT NOT NULL,
                  credit TEXT NOT NULL, amount INTEGER NOT NULL, reference TEXT, accepted_at_ms INTEGER NOT NULL,
                  state TEXT NOT NULL) STRICT;
                INSERT INTO queue VALUES (1, 'p-1', 'acc-alice', 'shop', 5, NULL, 0, 'waiting');
                """;
            command.ExecuteNonQuery();
        }

        using var store = StandinStore.Open(Path);

        Assert.Equal("p-1", Assert.Single(store.Waiting(10)).Booking.Id);
        store.Settle("p-1", sequence: 9);
        Assert.Equal(9, Authorise(store, "p-1", 5).Value?.Sequence);
    }

    private static Answer<Authorised> Authorise(StandinStore store, string id, long amount) => store.Authorise(
        new Booking { Id = id, Kind = StandinService.Kind, From = "acc-alice", To = "shop", Amount = amount },
        Noon.ToUnixTimeMilliseconds(),
        (balance, held) => balance - held < amount ? new Problem("no money", 422, "") : null);

    private static JournalPage Page(Receipt receipt) => new([receipt], receipt.Sequence);

    private static Receipt Receipt(string id, string from, string to, long amount, long sequence) => new()
    {
        Id = id,
        Kind = StandinService.Kind,
        From = from,
        To = to,
        Amount = amount,
        Sequence = sequence,
        BookedAt = Noon,
    };
}
