using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Mainstay.ConsoleSite.Memory;

/// <summary>
/// Short words for what every store class does with SQLite. Times are kept as milliseconds since 1970.
/// </summary>
internal static class Sql
{
    /// <summary>
    /// A command with its parameters, <c>$name</c> each; null is kept as NULL. The caller disposes it.
    /// </summary>
    public static SqliteCommand Command(
        this SqliteConnection connection, string text, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
        try
        {
            command.CommandText = text;
            foreach (var (name, value) in parameters)
            {
                command.Parameters.AddWithValue(name, value switch
                {
                    null => DBNull.Value,
                    DateTimeOffset at => at.ToUnixTimeMilliseconds(),
                    _ => value,
                });
            }

            return command;
        }
        catch
        {
            command.Dispose();
            throw;
        }
    }

    /// <summary>Runs one statement.</summary>
    /// <returns>the rows it changed</returns>
    public static int Execute(
        this SqliteConnection connection, string text, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = connection.Command(text, parameters);
        return command.ExecuteNonQuery();
    }

    public static DateTimeOffset Time(this SqliteDataReader row, string column) =>
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(row.GetOrdinal(column)));

    public static DateTimeOffset? TimeOrNull(this SqliteDataReader row, string column) =>
        row.IsDBNull(row.GetOrdinal(column)) ? null : row.Time(column);

    public static string Text(this SqliteDataReader row, string column)
    {
        var ordinal = row.GetOrdinal(column);
        return row.IsDBNull(ordinal) ? "" : Convert.ToString(row.GetValue(ordinal), CultureInfo.InvariantCulture) ?? "";
    }
}
