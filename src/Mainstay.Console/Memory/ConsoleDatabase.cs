using Microsoft.Data.Sqlite;

namespace Mainstay.ConsoleSite.Memory;

/// <summary>
/// The console's SQLite file, which the console, the status page's process and the command line open side by side. Each
/// store class makes its own tables. A write that finds the file busy waits up to <see cref="BusySeconds"/>.
/// Thread safe: every use opens a connection of its own from the pool.
/// </summary>
public sealed class ConsoleDatabase
{
    /// <summary>How long a write waits for another process's.</summary>
    public const int BusySeconds = 5;

    private readonly string _connection;

    /// <param name="folder">the console's data folder; made, for its owner only, where it is missing</param>
    public ConsoleDatabase(string folder)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File = Path.Combine(folder, "memory.db");
        _connection = new SqliteConnectionStringBuilder
        {
            DataSource = File,
            DefaultTimeout = BusySeconds,
        }.ToString();
        if (!System.IO.File.Exists(File))
        {
            using (new FileStream(File, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                // Made with its mode before SQLite opens it.
            }
        }
    }

    public string File { get; }

    /// <summary>An open connection, in WAL mode and synced at each commit. The caller disposes it.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connection);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
