using Bank.Ledger;
using Bank.Shared;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Bank.Ledger;

public sealed class LedgerBookTests : IDisposable
{
    private static readonly string[] People = ["acc-alice", "acc-bob", "acc-carol", "prepaid-alice", Seed.Funding];

    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-").FullName;

    private string File => Path.Combine(_folder, "ledger.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_second_start_seeds_nothing_twice()
    {
        LedgerBook.Open(File, TimeProvider.System).Dispose();
        var first = new LedgerReader(File, TimeProvider.System).Audit();
        LedgerBook.Open(File, TimeProvider.System).Dispose();
        var second = new LedgerReader(File, TimeProvider.System).Audit();

        Assert.Equal(first, second);
        Assert.True(second.Sound);
        Assert.Equal(Seed.Bookings().Count(), second.Transactions);
    }

    [Fact]
    public void The_same_payment_again_gets_the_same_answer()
    {
        var time = new FakeTimeProvider();
        using var book = LedgerBook.Open(File, time);
        var payment = Payment("p1", "acc-alice", "acc-bob", 500);

        var first = Assert.Single(book.Book([payment]));
        time.Advance(TimeSpan.FromHours(1));
        var again = Assert.Single(book.Book([payment]));

        Assert.Equal(first.Value, again.Value);
        Assert.NotNull(first.Value);
        Assert.Equal(Seed.NamedBalance - 500, Balance("acc-alice"));
    }

    [Fact]
    public void The_same_id_with_other_content_is_a_conflict_and_books_nothing()
    {
        using var book = LedgerBook.Open(File, TimeProvider.System);
        book.Book([Payment("p1", "acc-alice", "acc-bob", 500)]);

        var answer = Assert.Single(book.Book([Payment("p1", "acc-alice", "acc-bob", 501)]));

        Assert.Equal(409, answer.Problem?.Status);
        Assert.Equal(Seed.NamedBalance - 500, Balance("acc-alice"));
    }

    [Fact]
    public void A_refusal_stays_a_refusal_when_money_has_come_in()
    {
        using var book = LedgerBook.Open(File, TimeProvider.System);
        var tooMuch = Payment("p1", "acc-alice", "acc-bob", Seed.NamedBalance + 1);

        var refused = Assert.Single(book.Book([tooMuch]));
        book.Book([Payment("p2", "acc-carol", "acc-alice", 1000)]);
        var late = Assert.Single(book.Book([tooMuch]));

        Assert.Equal("insufficient-funds", refused.Problem?.Type);
        Assert.Equal(refused.Problem, late.Problem);
        Assert.Equal(Seed.NamedBalance + 1000, Balance("acc-alice"));
    }

    [Fact]
    public void An_account_can_be_emptied_to_the_last_penny_and_no_further()
    {
        using var book = LedgerBook.Open(File, TimeProvider.System);

        var answers = book.Book(
        [
            Payment("p1", "acc-alice", "acc-bob", Seed.NamedBalance),
            Payment("p2", "acc-alice", "acc-bob", 1),
        ]);

        Assert.NotNull(answers[0].Value);
        Assert.Equal("insufficient-funds", answers[1].Problem?.Type);
        Assert.Equal(0, Balance("acc-alice"));
    }

    [Fact]
    public void An_unknown_account_is_named_and_can_be_paid_once_it_is_known()
    {
        using var book = LedgerBook.Open(File, TimeProvider.System);

        var answer = Assert.Single(book.Book([Payment("p1", "acc-alice", "acc-nobody", 5)]));

        Assert.Equal((404, "to"), (answer.Problem?.Status, answer.Problem?.Field));
        Assert.Contains("acc-nobody", answer.Problem?.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_booking_is_in_the_file_before_it_is_answered()
    {
        using var book = LedgerBook.Open(File, TimeProvider.System);
        book.Book([Payment("p1", "acc-alice", "acc-bob", 5)]);

        Assert.Equal(5, new LedgerReader(File, TimeProvider.System).Transaction("p1").Value?.Amount);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_left_as_it_was()
    {
        System.IO.File.WriteAllText(File, new string('x', 5000));

        var fault = Assert.Throws<StartFault>(() => LedgerBook.Open(File, TimeProvider.System));

        Assert.Contains(File, fault.Message, StringComparison.Ordinal);
        Assert.Equal(new string('x', 5000), System.IO.File.ReadAllText(File));
    }

    /// <summary>
    /// Any bookings, repeats and reuses of ids, in batches of any size, against a model of a dozen lines.
    /// </summary>
    [Fact]
    public void Any_history_leaves_a_sound_ledger_that_agrees_with_the_model()
    {
        var booking =
            from id in Gen.Int[1, 12]
            from payer in Gen.Int[0, People.Length - 1]
            from to in Gen.Int[0, People.Length - 1]
            from amount in Gen.Long[1, Seed.NamedBalance / 2]
            where payer != to
            select Payment($"p{id}", People[payer], People[to], amount);
        booking.Array[1, 8].Array[1, 6].Sample(
            batches =>
            {
                var file = Path.Combine(_folder, $"{Path.GetRandomFileName()}.db");
                using var book = LedgerBook.Open(file, TimeProvider.System);
                var model = new Model();
                foreach (var batch in batches)
                {
                    var answers = book.Book(batch);
                    for (var index = 0; index < batch.Length; index++)
                    {
                        Assert.Equal(model.Decide(batch[index]), answers[index].Problem?.Type ?? "booked");
                    }
                }

                var reader = new LedgerReader(file, TimeProvider.System);
                Assert.True(reader.Audit().Sound);
                Assert.All(model.Balances, pair => Assert.Equal(pair.Value, reader.Balance(pair.Key).Value?.Amount));
                Assert.All(model.Balances, pair => Assert.True(pair.Value >= 0 || pair.Key == Seed.Funding));
            },
            iter: 40);
    }

    private long? Balance(string account) => new LedgerReader(File, TimeProvider.System).Balance(account).Value?.Amount;

    private static Booking Payment(string id, string from, string to, long amount) =>
        new() { Id = id, Kind = "transfer", From = from, To = to, Amount = amount, Reference = "test" };

    private sealed class Model
    {
        private readonly Dictionary<string, (Booking Booking, string Answer)> _decided = [];

        public Dictionary<string, long> Balances { get; } = People.ToDictionary(
            id => id, id => id == Seed.Funding ? -Seed.Bookings().Sum(booking => booking.Amount) : Seed.NamedBalance);

        public string Decide(Booking booking)
        {
            if (_decided.TryGetValue(booking.Id, out var earlier))
            {
                return earlier.Booking == booking ? earlier.Answer : "id-reused";
            }

            var enough = booking.From == Seed.Funding || Balances[booking.From] >= booking.Amount;
            Balances[booking.From] -= enough ? booking.Amount : 0;
            Balances[booking.To] += enough ? booking.Amount : 0;
            _decided[booking.Id] = (booking, enough ? "booked" : "insufficient-funds");
            return _decided[booking.Id].Answer;
        }
    }
}
