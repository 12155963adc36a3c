using Mainstay.ConsoleSite.Memory;
using Microsoft.Data.Sqlite;

namespace Mainstay.Tests.Console.Memory;

public sealed class ConsoleDatabaseTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-").FullName;

    [Fact]
    public void Its_file_is_for_its_owner_only()
    {
        var database = new ConsoleDatabase(Path.Combine(_folder, "console"));
        Execute(database, "CREATE TABLE t (x INTEGER)");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(database.File));
    }

    [Fact]
    public void What_one_process_wrote_another_reads()
    {
        Execute(new ConsoleDatabase(_folder), "CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (7)");

        using var connection = new ConsoleDatabase(_folder).Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT x FROM t";
        Assert.Equal(7L, command.ExecuteScalar());
    }

    [Fact]
    public void Writers_side_by_side_wait_for_each_other()
    {
        var database = new ConsoleDatabase(_folder);
        Execute(database, "CREATE TABLE t (x INTEGER)");
        Parallel.For(0, 40, number => Execute(database, $"INSERT INTO t VALUES ({number})"));

        using var connection = database.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(DISTINCT x) FROM t";
        Assert.Equal(40L, command.ExecuteScalar());
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private static void Execute(ConsoleDatabase database, string sql)
    {
        using var connection = database.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
