using Mainstay.ConsoleSite.Changes;
using Mainstay.ConsoleSite.Memory;
using Microsoft.Data.Sqlite;

namespace Mainstay.Tests.ConsoleSite.Changes;

public sealed class ChangeLedgerTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2017, 10, 27, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("changes-").FullName;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void The_same_change_told_twice_is_kept_once()
    {
        Assert.True(Ledger().Append(Given("payments", Noon)));
        Assert.False(Ledger().Append(Given("payments", Noon.AddMinutes(1))));

        var kept = Assert.Single(Ledger().Between(Noon, Noon.AddDays(1)));
        Assert.Equal(Given("payments", Noon), kept);
    }

    [Fact]
    public void The_newest_comes_first_and_the_end_is_not_included()
    {
        var ledger = Ledger();
        ledger.Append(Given("a", Noon));
        ledger.Append(Given("c", Noon.AddHours(2)));
        ledger.Append(Given("b", Noon.AddHours(1)));

        Assert.Equal(["b", "a"], ledger.Between(Noon, Noon.AddHours(2)).Select(change => change.Name));
    }

    [Fact]
    public void What_is_older_than_the_retention_is_forgotten()
    {
        var ledger = Ledger();
        ledger.Append(Given("old", Noon));
        ledger.Append(Given("kept", Noon.AddMilliseconds(1)));

        ledger.Forget(Noon.AddMilliseconds(1) + ChangeLedger.Retention);

        Assert.Equal(["kept"], ledger.Between(Noon, Noon.AddDays(60)).Select(change => change.Name));
    }

    [Fact]
    public void It_says_when_each_source_was_last_heard_and_never_goes_back()
    {
        var ledger = Ledger();
        Assert.Empty(ledger.FedAt());
        ledger.Fed("store", Noon);
        ledger.Fed("kubernetes", Noon.AddMinutes(2));
        ledger.Fed("kubernetes", Noon.AddMinutes(1));

        Assert.Equal(Noon.AddMinutes(2), ledger.FedAt()["kubernetes"]);
        Assert.Equal(Noon, ledger.FedAt()["store"]);
    }

    private ChangeLedger Ledger() => new(new ConsoleDatabase(_folder));

    private static Change Given(string name, DateTimeOffset at) => new()
    {
        At = at,
        Source = "kubernetes",
        Kind = "Deployment",
        Namespace = "bank",
        Name = name,
        What = ChangeWords.Deploy,
        Detail = "v1 -> v2",
        Actor = "anna",
        Key = $"Deployment/bank/{name}/1",
    };
}
