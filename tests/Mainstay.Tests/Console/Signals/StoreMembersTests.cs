using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite;
using Mainstay.ConsoleSite.Changes;
using Mainstay.ConsoleSite.Cluster;
using Mainstay.ConsoleSite.Memory;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kube;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static Mainstay.Tests.ConsoleSite.Signals.Raised;

namespace Mainstay.Tests.ConsoleSite.Signals;

/// <summary>A console that was started with etcd-0 to etcd-2, and what it asks when members come and go.</summary>
public sealed class StoreMembersTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("members-").FullName;
    private readonly FakeTimeProvider _time = new(Noon);
    private readonly ConsoleOptions _options;
    private readonly KnownFacts _known;
    private readonly StoreMembers _members;

    public StoreMembersTests()
    {
        _options = new ConsoleOptions
        {
            Kubeconfig = "none",
            DataFolder = _folder,
            StoreMembers = Enumerable.Range(0, 3).Select(Member).ToDictionary(one => one.Instance, one => one.Address),
        };
        _known = new KnownFacts(new ConsoleDatabase(_folder));
        _members = StoreMembers.Of(_options, _known);
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Members_of_the_options_are_asked_until_an_api_server_tells_then_those_that_it_tells()
    {
        Assert.Equal(["store/etcd-0", "store/etcd-1", "store/etcd-2"], Asked());

        _members.Told([Told(1), Told(2), Told(3)]);
        Assert.Equal(["store/etcd-1", "store/etcd-2", "store/etcd-3"], Asked());
        Assert.Equal(Member(3).Address, _members.Now["etcd-3"]);
    }

    /// <summary>The outage's fortnight: three grew to nine, and the first three went.</summary>
    [Fact]
    public async Task Three_that_were_removed_of_nine_are_neither_down_nor_a_lost_quorum()
    {
        var removed = Enumerable.Range(0, 3).Select(number => Member(number).Subject).ToHashSet();
        var collector = new SignalCollector(new Refusing(removed), TimeSpan.Zero, _time);
        Assert.Contains(
            (await CollectAsync(collector)).Signals, signal => signal.Name == "no-quorum");

        _members.Told(Enumerable.Range(3, 6).Select(Told));

        Assert.Empty((await CollectAsync(collector)).Signals);
    }

    [Fact]
    public void A_member_of_the_options_is_asked_where_they_say()
    {
        _members.Told([Told(1) with { Values = Values("etcd-1", "https://store.example:2379") }]);

        Assert.Equal(Member(1).Address, Assert.Single(_members.Now).Value);
    }

    [Fact]
    public void One_that_was_announced_and_has_no_name_or_an_address_that_is_none_is_not_asked()
    {
        _members.Told(
        [
            Told(1), new Facts { Uid = "a", Values = Values("", "http://127.40.0.1:2379") },
            new Facts { Uid = "b", Values = Values("etcd-8", "") },
            new Facts { Uid = "c", Values = Values("etcd-9", "nonsense") },
        ]);

        Assert.Equal(["etcd-1"], _members.Now.Keys);
    }

    [Fact]
    public void An_empty_list_is_none_and_a_console_that_was_to_ask_no_member_asks_none()
    {
        _members.Told([]);
        Assert.Equal(3, _members.Now.Count);

        var none = new StoreMembers(new Dictionary<string, Uri>());
        none.Told([Told(1)]);
        none.Remember([Told(2)]);
        Assert.Empty(none.Now);
    }

    [Fact]
    public void A_console_that_starts_with_no_api_server_asks_those_of_its_last_run_as_well()
    {
        Enumerable.Range(3, 6).Select(Told).ToList()
            .ForEach(member => _known.Save(StoreFeed.MemberKind, new ObjectKey("", member.Uid), member));
        _known.Listed(StoreFeed.MemberKind);

        var again = StoreMembers.Of(_options, _known);
        Assert.Equal(9, again.Now.Count);
        again.Told(Enumerable.Range(3, 6).Select(Told));
        Assert.Equal(6, again.Now.Count);
        again.Remember([Told(0)]);
        Assert.Equal(6, again.Now.Count);
    }

    [Fact]
    public async Task The_feed_of_the_store_tells_the_members_and_an_old_list_tells_none()
    {
        await using var platform = await FakePlatform.StartAsync();
        var kubeconfig = Path.Combine(_folder, "kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, platform.Kubeconfig, Token);
        using var http = KubeHttp.Create(Kubeconfig.Load(kubeconfig), new KubeHttpOptions { Time = _time });
        var database = new ConsoleDatabase(_folder);
        var feed = new StoreFeed(
            http,
            _members,
            new ChangeFeedWorld(new ChangeLedger(database), _known, _time, NullLogger<ChangeWatch>.Instance));

        platform.Store = StoreJson("the member list cannot be read", 1, 2);
        await feed.LookAsync(Token);
        Assert.Equal(3, _members.Now.Count);

        platform.Store = StoreJson("", 1, 2, 3, 4, 5);
        await feed.LookAsync(Token);
        Assert.Equal(["etcd-1", "etcd-2", "etcd-3", "etcd-4", "etcd-5"], _members.Now.Keys);

        platform.ApiUp = false;
        await feed.LookAsync(Token);
        Assert.Equal(5, _members.Now.Count);
        Assert.Equal(5, StoreMembers.Of(_options, _known).Now.Keys.Count(name => name != "etcd-0"));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IEnumerable<string> Asked() =>
        ConsoleMap.Of(_options, _members, new ClusterView(), Noon).Parts.Select(part => part.Subject);

    private Task<CollectedSignals> CollectAsync(SignalCollector collector) =>
        collector.CollectAsync(ConsoleMap.Of(_options, _members, new ClusterView(), Noon), Token);

    private static Facts Told(int number) => new()
    {
        Uid = $"id-{number}",
        Values = Values($"etcd-{number}", Member(number).Address.ToString()),
    };

    private static ImmutableSortedDictionary<string, string> Values(string name, string address) =>
        ImmutableSortedDictionary.CreateRange(
            StringComparer.Ordinal,
            [KeyValuePair.Create(FactNames.Name, name), KeyValuePair.Create(FactNames.Address, address)]);

    private static string StoreJson(string fault, params int[] members) => JsonSerializer.Serialize(new
    {
        quorum = (members.Length / 2) + 1,
        answering = members.Length,
        listFault = fault,
        members = members.Select(number => new
        {
            id = $"id-{number}",
            name = $"etcd-{number}",
            version = "3.4.23",
            clientUrls = new[] { Member(number).Address.ToString() },
        }),
    });

    private sealed class Refusing(HashSet<string> gone) : IPartSource
    {
        public Task<PartAnswer> AskAsync(
            PlatformPart part, Kubeconfig? credentials, CancellationToken cancellationToken) =>
            Task.FromResult(gone.Contains(part.Subject)
                ? new PartAnswer(part, AnswerKind.Refused, null, "connection refused")
                : new PartAnswer(part, AnswerKind.Answered, null, ""));
    }
}
