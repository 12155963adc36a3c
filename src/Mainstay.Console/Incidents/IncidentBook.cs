using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Mainstay.ConsoleSite.Incidents.Voices;
using Mainstay.ConsoleSite.Memory;
using Mainstay.Kernel;
using Microsoft.Data.Sqlite;

namespace Mainstay.ConsoleSite.Incidents;

/// <summary>
/// All incidents, as entries in the console's file. An entry and what is to be told of it are written together:
/// nobody is told of what is not kept, and nothing that is kept is forgotten to be told. Thread safe, and safe among
/// processes.
/// </summary>
internal sealed class IncidentBook(ConsoleDatabase database)
{
    private const string Tables =
        """
        CREATE TABLE IF NOT EXISTS incident_entry (
          number INTEGER PRIMARY KEY AUTOINCREMENT, incident TEXT NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL);
        CREATE INDEX IF NOT EXISTS incident_entry_by_incident ON incident_entry (incident, number);
        """;

    /// <summary>The book of a folder, or null where none was begun: looking makes no file.</summary>
    public static IncidentBook? OpenOrNone(string folder) =>
        File.Exists(Path.Combine(folder, "memory.db")) ? new IncidentBook(new ConsoleDatabase(folder)) : null;

    /// <summary>All incidents, those that are open first, then newest first.</summary>
    /// <exception cref="SqliteException">the file cannot be used</exception>
    public ImmutableArray<Incident> All()
    {
        using var connection = Open();
        return
        [
            .. Entries(connection, null, null).GroupBy(entry => entry.Incident)
                .Select(group => IncidentFold.Of([.. group]))
                .OrderBy(incident => incident.IsOpen ? 0 : 1)
                .ThenByDescending(incident => incident.DeclaredAt),
        ];
    }

    /// <param name="name">an id, its unambiguous beginning of four letters or more, or <c>current</c></param>
    /// <exception cref="StartException">there is none, or more than one</exception>
    public Incident Find(string name) => Pick(All(), name);

    /// <summary>
    /// The incident that a name means: an id, the unambiguous beginning of one, or <c>current</c>, the newest open one.
    /// </summary>
    internal static Incident Pick(ImmutableArray<Incident> all, string name)
    {
        var list = "'mainstay incident list' shows all";
        if (name == "current")
        {
            return all.FirstOrDefault(incident => incident.IsOpen)
                ?? throw IncidentWords.Refused("no incident is open", $"name one by its id; {list}");
        }

        var found = all.Where(incident => incident.Id == name
            || (name.Length >= 4 && incident.Id.StartsWith(name, StringComparison.Ordinal))).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw IncidentWords.Refused($"there is no incident '{name}'", list),
            _ => throw IncidentWords.Refused($"'{name}' is the beginning of {found.Count} incidents", list),
        };
    }

    /// <summary>The beginning of an incident.</summary>
    /// <param name="voices">who is told</param>
    public Incident Declare(IncidentEntry entry, IReadOnlyList<Webhook> voices) =>
        Write(connection => Add(connection, entry, voices));

    /// <summary>
    /// One more act. <paramref name="next"/> sees the incident as it is at that moment, alone, and may refuse by an
    /// exception.
    /// </summary>
    public Incident Append(string name, Func<Incident, IncidentEntry> next, IReadOnlyList<Webhook> voices)
    {
        var id = Find(name).Id;
        return Write(connection =>
        {
            var before = IncidentFold.Of(Entries(connection, id, null));
            return Add(connection, next(before) with { Incident = id }, voices);
        });
    }

    /// <summary>The incident as it was right after an entry: what those who are told of the entry are told.</summary>
    public Incident AsOf(string id, long number)
    {
        using var connection = Open();
        return IncidentFold.Of(Entries(connection, id, number));
    }

    internal SqliteConnection Open()
    {
        var connection = database.Open();
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText = Tables + DeliveryQueue.Tables;
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private Incident Write(Func<SqliteConnection, Incident> work)
    {
        using var connection = Open();

        // Not deferred: the incident must not change between its reading and the entry.
        using var transaction = connection.BeginTransaction(deferred: false);
        var incident = work(connection);
        transaction.Commit();
        return incident;
    }

    private static Incident Add(SqliteConnection connection, IncidentEntry entry, IReadOnlyList<Webhook> voices)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            "INSERT INTO incident_entry (incident, at, body) VALUES ($incident, $at, $body) RETURNING number";
        command.Parameters.AddWithValue("$incident", entry.Incident);
        command.Parameters.AddWithValue("$at", entry.At.ToString("O", CultureInfo.InvariantCulture));
        command.Parameters.AddWithValue("$body", entry.ToJson());
        var number = (long)command.ExecuteScalar()!; // RETURNING of one inserted row
        var incident = IncidentFold.Of(Entries(connection, entry.Incident, null));
        DeliveryQueue.Add(connection, incident, entry with { Number = number }, voices);
        return incident;
    }

    private static List<IncidentEntry> Entries(SqliteConnection connection, string? incident, long? upTo)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT number, incident, at, body FROM incident_entry
            WHERE ($incident IS NULL OR incident = $incident) AND ($upTo IS NULL OR number <= $upTo) ORDER BY number
            """;
        command.Parameters.AddWithValue("$incident", (object?)incident ?? DBNull.Value);
        command.Parameters.AddWithValue("$upTo", (object?)upTo ?? DBNull.Value);
        using var reader = command.ExecuteReader();
        var entries = new List<IncidentEntry>();
        while (reader.Read())
        {
            if (Read(reader) is { } entry)
            {
                entries.Add(entry);
            }
        }

        return entries;
    }

    /// <summary>
    /// A row that makes no sense (a newer version's act) is left out; the rest of the incident stands.
    /// </summary>
    private static IncidentEntry? Read(SqliteDataReader row)
    {
        try
        {
            var at = DateTimeOffset.Parse(row.GetString(2), CultureInfo.InvariantCulture);
            return IncidentEntry.Read(row.GetInt64(0), row.GetString(1), at, row.GetString(3));
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            return null;
        }
    }
}
