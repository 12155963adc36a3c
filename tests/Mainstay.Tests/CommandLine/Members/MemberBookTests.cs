using Mainstay.Kernel;
using Mainstay.Members;
using Mainstay.Up;

namespace Mainstay.Tests.CommandLine.Members;

public sealed class MemberBookTests : IDisposable
{
    private static readonly PlatformPrograms Programs = new(
        "/build/mainstay", "/build/router", "/build/bank", "/samples");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mainstay-book-");

    [Fact]
    public void A_platform_that_was_grown_and_shrunk_starts_again_with_the_members_it_has()
    {
        var plan = Plan(members: 3);
        var book = MemberBook.Of(plan, null);
        book = book.With(book.Next(book.Nodes[1]));
        book.WithRemoved("etcd-0").Write(plan.Data);

        var again = MemberBook.Read(plan.Data)!.Into(plan); // just written

        Assert.Equal(["etcd-1", "etcd-2", "etcd-3"], again.EtcdMembers.Select(member => member.Name));
        Assert.Equal([false, false, true], again.EtcdMembers.Select(member => member.Joined));
        Assert.Equal("127.18.0.1:2389", again.EtcdMembers[2].Client);
        Assert.DoesNotContain("127.17.0.1:2379", again.StoreUrls, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_and_an_address_are_never_given_twice()
    {
        var book = MemberBook.Of(Plan(members: 9), null);
        var given = new List<BookedMember>(book.Members);
        for (var i = 0; i < 12; i++)
        {
            var next = book.Next(book.Nodes[i % 3]);
            given.Add(next);
            book = book.With(next).WithRemoved(next.Name);
        }

        Assert.Equal(given.Count, given.Select(member => member.Name).Distinct().Count());
        var addresses = given.SelectMany(member => new[] { member.Client, member.Peer }).ToList();
        Assert.Equal(addresses.Count, addresses.Distinct().Count());
    }

    [Fact]
    public void Members_on_nodes_that_are_not_started_are_one_clear_line()
    {
        var book = MemberBook.Of(Plan(members: 3), null);

        var fault = Assert.Throws<StartException>(() => book.Into(Plan(members: 3, nodes: 2)));

        Assert.Contains("node-3", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_book_that_cannot_be_read_is_told_with_its_path()
    {
        var data = new DataFolder(_folder.FullName);
        Directory.CreateDirectory(Path.GetDirectoryName(data.EtcdMembers)!); // it lies in a folder
        File.WriteAllText(data.EtcdMembers, "{\"nodes\": 7}");

        var fault = Assert.Throws<StartException>(() => MemberBook.Read(data));

        Assert.Contains(data.EtcdMembers, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://a", """["http://a","http://b"]""", "http://a", "")]
    [InlineData("http://c", """["http://a","http://b"]""", "http://a", "does not know http://c yet")]
    [InlineData("http://a", """["http://a","http://x"]""", "http://a", "still counts http://x as a member")]
    [InlineData("http://a", """["http://a"]""", "http://x", "still talks to http://x")]
    public void A_client_has_followed_when_it_has_all_members_and_none_that_is_gone(
        string wanted, string listed, string current, string fault)
    {
        var json = $$"""
            {"members":[{"clientUrls":{{listed}}}],"endpoints":["http://a","http://b","http://x"],
             "currentEndpoint":"{{current}}"}
            """;

        Assert.Equal(fault, ClientsFollowed.Fault(System.Text.Encoding.UTF8.GetBytes(json), [wanted], ["http://x"]));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private PlatformPlan Plan(int members, int nodes = 3) => new(
        UpOptionsTests.Usual with
        {
            Nodes = nodes, Zones = nodes, Store = StoreKind.Etcd, Members = members, DataFolder = _folder.FullName,
        },
        Programs);
}
