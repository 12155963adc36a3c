using System.Collections.Immutable;
using Microsoft.Data.Sqlite;

namespace Mainstay.ConsoleSite.Incidents.Voices;

/// <summary>What became of one message to one webhook.</summary>
/// <param name="State">waiting, delivered, refused, given-up, dropped, withdrawn</param>
/// <param name="Result">in words: an HTTP status or why there was none; never an address beyond its host</param>
public sealed record Receipt(
    string Id, string Incident, long Entry, string Webhook, string Kind, string Host, string State, int Tries,
    DateTimeOffset At, DateTimeOffset NextAt, DateTimeOffset? FinishedAt, string Result)
{
    public bool Waits => State == DeliveryQueue.Waiting;
}

/// <summary>
/// Messages that wait to be delivered, in the console's file. Per webhook they go out one by one, in order. Who takes
/// one claims it for a while, so that of several processes one sends it; only a process that dies between sending and
/// writing down sends it twice, under the same id. Thread safe, and safe among processes.
/// </summary>
internal sealed class DeliveryQueue(IncidentBook book)
{
    public const string Waiting = "waiting";
    public const string Delivered = "delivered";
    public const string Refused = "refused";
    public const string GivenUp = "given-up";
    public const string Dropped = "dropped";
    public const string Withdrawn = "withdrawn";

    public const string Tables =
        """
        CREATE TABLE IF NOT EXISTS incident_delivery (
          number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, incident TEXT NOT NULL,
          entry INTEGER NOT NULL, webhook TEXT NOT NULL, kind TEXT NOT NULL, host TEXT NOT NULL, state TEXT NOT NULL,
          tries INTEGER NOT NULL, at INTEGER NOT NULL, next_at INTEGER NOT NULL, claimed_until INTEGER NOT NULL,
          finished_at INTEGER, result TEXT NOT NULL);
        CREATE INDEX IF NOT EXISTS incident_delivery_by_state ON incident_delivery (state, webhook, number);
        """;

    private const string Columns =
        "id, incident, entry, webhook, kind, host, state, tries, at, next_at, finished_at, result";

    /// <summary>Queues what an entry has to tell, in the transaction that writes the entry.</summary>
    public static void Add(
        SqliteConnection connection, Incident incident, IncidentEntry entry, IReadOnlyList<Webhook> voices)
    {
        var told = incident.Posts.Any(post => post.At == entry.At) && incident.Entries[^1].Number == entry.Number;
        foreach (var voice in voices)
        {
            if (entry.Act == IncidentAct.Noted || (voice.Kind == WebhookKind.Statuspage && !told))
            {
                continue;
            }

            DropOldest(connection, voice, entry.At);
            using var command = connection.CreateCommand();
            command.CommandText =
                """
                INSERT INTO incident_delivery
                  (id, incident, entry, webhook, kind, host, state, tries, at, next_at, claimed_until, result)
                VALUES ($id, $incident, $entry, $webhook, $kind, $host, 'waiting', 0, $at, $at, 0, '')
                """;
            command.Parameters.AddWithValue(
                "$id", IncidentFold.StableId($"delivery/{entry.Incident}/{entry.Number}/{voice.Name}"));
            command.Parameters.AddWithValue("$incident", entry.Incident);
            command.Parameters.AddWithValue("$entry", entry.Number);
            command.Parameters.AddWithValue("$webhook", voice.Name);
            command.Parameters.AddWithValue("$kind", voice.KindWord);
            command.Parameters.AddWithValue("$host", voice.Host);
            command.Parameters.AddWithValue("$at", entry.At.ToUnixTimeMilliseconds());
            command.ExecuteNonQuery();
        }
    }

    /// <summary>
    /// Takes the first message of each webhook whose time has come and that nobody else holds, and counts one more try
    /// of it.
    /// </summary>
    public ImmutableArray<Receipt> Claim(DateTimeOffset now)
    {
        using var connection = book.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            $"""
            UPDATE incident_delivery SET claimed_until = $until, tries = tries + 1
            WHERE state = 'waiting' AND next_at <= $now AND claimed_until <= $now
              AND number = (SELECT min(first.number) FROM incident_delivery first
                            WHERE first.webhook = incident_delivery.webhook AND first.state = 'waiting')
              AND NOT EXISTS (SELECT 1 FROM incident_delivery last
                              WHERE last.webhook = incident_delivery.webhook AND last.finished_at > $spaced)
            RETURNING {Columns}
            """;
        command.Parameters.AddWithValue("$now", now.ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("$until", (now + VoiceLimits.Claim).ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("$spaced", (now - VoiceLimits.Spacing).ToUnixTimeMilliseconds());
        return Read(command);
    }

    /// <summary>Writes down what became of a try, and lets the claim go.</summary>
    public void Settle(string id, DeliveryOutcome outcome, DateTimeOffset now)
    {
        using var connection = book.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            UPDATE incident_delivery SET state = $state, result = $result, claimed_until = 0, next_at = $next,
              finished_at = $finished WHERE id = $id
            """;
        command.Parameters.AddWithValue("$id", id);
        command.Parameters.AddWithValue("$state", outcome.State);
        command.Parameters.AddWithValue("$result", outcome.Result);
        command.Parameters.AddWithValue("$next", (outcome.NextAt ?? now).ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue(
            "$finished", outcome.State == Waiting ? DBNull.Value : now.ToUnixTimeMilliseconds());
        command.ExecuteNonQuery();
    }

    /// <summary>What became of all messages of an incident, oldest first.</summary>
    public ImmutableArray<Receipt> Of(string incident)
    {
        using var connection = book.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {Columns} FROM incident_delivery WHERE incident = $incident ORDER BY number";
        command.Parameters.AddWithValue("$incident", incident);
        return Read(command);
    }

    /// <summary>Messages that wait, over all webhooks.</summary>
    public int CountWaiting()
    {
        using var connection = book.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM incident_delivery WHERE state = 'waiting'";
        return Convert.ToInt32(command.ExecuteScalar(), null);
    }

    private static void DropOldest(SqliteConnection connection, Webhook voice, DateTimeOffset now)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            UPDATE incident_delivery SET state = 'dropped', result = 'too many messages wait', finished_at = $now
            WHERE number IN (SELECT number FROM incident_delivery WHERE state = 'waiting' AND webhook = $webhook
                             ORDER BY number DESC LIMIT -1 OFFSET $keep)
            """;
        command.Parameters.AddWithValue("$webhook", voice.Name);
        command.Parameters.AddWithValue("$now", now.ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("$keep", VoiceLimits.WaitingMax - 1);
        command.ExecuteNonQuery();
    }

    private static ImmutableArray<Receipt> Read(SqliteCommand command)
    {
        using var row = command.ExecuteReader();
        var receipts = ImmutableArray.CreateBuilder<Receipt>();
        while (row.Read())
        {
            receipts.Add(new Receipt(
                row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetString(3), row.GetString(4),
                row.GetString(5), row.GetString(6), row.GetInt32(7), Time(row.GetInt64(8)), Time(row.GetInt64(9)),
                row.IsDBNull(10) ? null : Time(row.GetInt64(10)), row.GetString(11)));
        }

        return receipts.ToImmutable();
    }

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}

/// <param name="State">one of the states of <see cref="DeliveryQueue"/></param>
/// <param name="NextAt">when to try again, while it waits</param>
internal sealed record DeliveryOutcome(string State, string Result, DateTimeOffset? NextAt = null);
