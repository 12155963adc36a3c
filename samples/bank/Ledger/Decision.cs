using Bank.Shared;
using Microsoft.Data.Sqlite;

namespace Bank.Ledger;

/// <summary>What the ledger once said about a payment id, and says for ever: booked, or refused for a reason.</summary>
internal sealed record Decision(
    string Id, string Kind, string From, string To, long Amount, string? Reference, long Sequence, long AtMs,
    string? Refusal)
{
    public const string InsufficientFunds = "insufficient-funds";

    public Decision(Booking booking, long sequence, long atMs, string? refusal)
        : this(
            booking.Id, booking.Kind, booking.From, booking.To, booking.Amount, booking.Reference, sequence, atMs,
            refusal)
    {
    }

    /// <summary>Reads the columns sequence, kind, debit, credit, amount, reference, decided_at_ms, refusal.</summary>
    public static Decision Read(string id, SqliteDataReader row) => new(
        id,
        row.GetString(1),
        row.GetString(2),
        row.GetString(3),
        row.GetInt64(4),
        row.IsDBNull(5) ? null : row.GetString(5),
        row.GetInt64(0),
        row.GetInt64(6),
        row.IsDBNull(7) ? null : row.GetString(7));

    /// <summary>
    /// The same order gets the same answer; another order under the same id is a mistake of its sender.
    /// </summary>
    public Answer<Receipt> AnswerTo(Booking booking)
    {
        var same = (booking.Kind, booking.From, booking.To, booking.Amount, booking.Reference)
            == (Kind, From, To, Amount, Reference);
        return !same
            ? new Problem("id-reused", 409, $"{Id} exists with other content; a new payment needs a new id", "id")
            : Refusal is not null
                ? new Problem(Refusal, 422, $"payment {Id} is refused: {From} does not hold enough", "amount")
                : ToReceipt();
    }

    public Receipt ToReceipt() => new()
    {
        Id = Id,
        Kind = Kind,
        From = From,
        To = To,
        Amount = Amount,
        Reference = Reference,
        Sequence = Sequence,
        BookedAt = DateTimeOffset.FromUnixTimeMilliseconds(AtMs),
    };
}
