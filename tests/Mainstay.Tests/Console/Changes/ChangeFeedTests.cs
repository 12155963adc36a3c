using System.Collections.Immutable;
using Mainstay.ConsoleSite.Changes;
using Mainstay.ConsoleSite.Memory;
using Mainstay.Kube;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.ConsoleSite.Changes;

public sealed class ChangeFeedTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2017, 10, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly ObjectKey Payments = new("bank", "payments");

    private readonly string _folder = Directory.CreateTempSubdirectory("feed-").FullName;
    private readonly FakeTimeProvider _time = new(Start);

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void The_very_first_list_tells_what_was_made_when_it_was_made()
    {
        var feed = Feed(tellsFirstList: true);
        feed.Replaced(List(Given(2) with { CreatedAt = Start.AddDays(-3) }), "1");

        var change = Assert.Single(Told());
        Assert.Equal((ChangeWords.Create, Start.AddDays(-3)), (change.What, change.At));
    }

    [Fact]
    public void A_quiet_kind_tells_nothing_of_the_very_first_list_and_all_that_follows()
    {
        var feed = Feed(tellsFirstList: false);
        feed.Replaced(List(Given(2)), "1");
        Assert.Empty(Told());

        feed.Changed(Payments, Given(0, generation: 2), "2");
        feed.Changed(new ObjectKey("bank", "new"), Given(1) with { Uid = "w" }, "3");

        Assert.Equal([ChangeWords.Create, ChangeWords.ScaleToZero], Told().Select(change => change.What).Order());
    }

    [Fact]
    public void A_status_that_changes_is_no_change()
    {
        var feed = Feed(tellsFirstList: true);
        feed.Replaced(List(Given(2)), "1");
        feed.Changed(Payments, Given(2), "2");
        feed.Replaced(List(Given(2)), "3");

        Assert.Single(Told());
    }

    [Fact]
    public void What_changed_while_the_console_was_away_is_told_once_and_says_so()
    {
        Feed(tellsFirstList: true).Replaced(List(Given(2)), "1");
        _time.Advance(TimeSpan.FromHours(3));

        var next = Feed(tellsFirstList: true);
        next.Replaced(List(Given(0, generation: 2)), "9");
        next.Replaced(List(Given(0, generation: 2)), "9");

        var change = Told()[0];
        Assert.Equal(2, Told().Length);
        Assert.Equal((ChangeWords.ScaleToZero, Start.AddHours(3)), (change.What, change.At));
        Assert.Contains("seen afterwards", change.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void An_object_that_is_gone_from_the_next_list_was_deleted()
    {
        Feed(tellsFirstList: true).Replaced(List(Given(2)), "1");

        Feed(tellsFirstList: true).Replaced(ImmutableDictionary<ObjectKey, Facts>.Empty, "9");

        Assert.Equal(ChangeWords.Delete, Told()[0].What);
    }

    [Fact]
    public void A_row_that_could_not_be_written_is_told_by_the_next_word()
    {
        var feed = Feed(tellsFirstList: true);
        feed.Replaced(List(Given(2)), "1");
        Execute("ALTER TABLE changes RENAME TO away");
        feed.Changed(Payments, Given(0, generation: 2), "2");
        Execute("ALTER TABLE away RENAME TO changes");

        feed.Changed(Payments, Given(0, generation: 2), "3");

        Assert.Equal(ChangeWords.ScaleToZero, Told()[0].What);
    }

    private void Execute(string sql)
    {
        using var connection = new ConsoleDatabase(_folder).Open();
        connection.Execute(sql);
    }

    private ImmutableArray<Change> Told() =>
        new ChangeLedger(new ConsoleDatabase(_folder)).Between(Start.AddDays(-9), Start.AddDays(9));

    private ChangeFeed Feed(bool tellsFirstList)
    {
        var database = new ConsoleDatabase(_folder);
        return new ChangeFeed("Deployment", tellsFirstList, new ChangeFeedWorld(
            new ChangeLedger(database), new KnownFacts(database), _time, NullLogger.Instance));
    }

    private static Dictionary<ObjectKey, Facts> List(Facts facts) => new() { [Payments] = facts };

    private static Facts Given(int replicas, int generation = 1) => new()
    {
        Uid = "u",
        Generation = generation,
        Values = ImmutableSortedDictionary<string, string>.Empty
            .Add(FactNames.Replicas, $"{replicas}")
            .Add(FactNames.Template, "t")
            .Add(FactNames.Images, "bank/payments:v1"),
    };
}
