using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mainstay.ConsoleSite.Memory;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Changes;

/// <summary>
/// What the ledger last knew of each object, on disk: a console that starts anew finds out what changed while it was
/// away. One writer a kind.
/// </summary>
internal sealed class KnownFacts
{
    private readonly ConsoleDatabase _database;

    public KnownFacts(ConsoleDatabase database)
    {
        _database = database;
        using var connection = database.Open();
        connection.Execute(
            """
            CREATE TABLE IF NOT EXISTS changes_known (
                kind TEXT NOT NULL, key TEXT NOT NULL, facts TEXT NOT NULL, PRIMARY KEY (kind, key));
            CREATE TABLE IF NOT EXISTS changes_listed (kind TEXT PRIMARY KEY);
            """);
    }

    /// <summary>All that is known of a kind; null: it was never listed. What cannot be read is not known.</summary>
    public ImmutableDictionary<ObjectKey, Facts>? Load(string kind)
    {
        using var connection = _database.Open();
        using (var listed = connection.Command("SELECT 1 FROM changes_listed WHERE kind = $kind", ("$kind", kind)))
        {
            if (listed.ExecuteScalar() is null)
            {
                return null;
            }
        }

        using var command = connection.Command(
            "SELECT key, facts FROM changes_known WHERE kind = $kind", ("$kind", kind));
        using var row = command.ExecuteReader();
        var known = ImmutableDictionary.CreateBuilder<ObjectKey, Facts>();
        while (row.Read())
        {
            if (Read(row.Text("facts")) is { } facts)
            {
                known[ObjectKey.Parse(row.Text("key"))] = facts;
            }
        }

        return known.ToImmutable();
    }

    /// <summary>Says that a kind was listed whole: from now on what is absent is gone.</summary>
    public void Listed(string kind)
    {
        using var connection = _database.Open();
        connection.Execute(
            "INSERT INTO changes_listed (kind) VALUES ($kind) ON CONFLICT (kind) DO NOTHING", ("$kind", kind));
    }

    /// <param name="facts">null: forget the object</param>
    public void Save(string kind, ObjectKey key, Facts? facts)
    {
        using var connection = _database.Open();
        if (facts is null)
        {
            connection.Execute(
                "DELETE FROM changes_known WHERE kind = $kind AND key = $key", ("$kind", kind), ("$key", $"{key}"));
            return;
        }

        connection.Execute(
            """
            INSERT INTO changes_known (kind, key, facts) VALUES ($kind, $key, $facts)
            ON CONFLICT (kind, key) DO UPDATE SET facts = excluded.facts
            """,
            ("$kind", kind),
            ("$key", $"{key}"),
            ("$facts", JsonSerializer.Serialize(facts, KnownFactsJson.Default.Facts)));
    }

    private static Facts? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, KnownFactsJson.Default.Facts);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Facts))]
internal sealed partial class KnownFactsJson : JsonSerializerContext;
