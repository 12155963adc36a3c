using System.Net;
using Mainstay.Agent.Addresses;

namespace Mainstay.Tests.Agent.Addresses;

public sealed class AddressCursorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-addresses").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Addresses_go_round_and_skip_the_taken_ones()
    {
        var cidr = Cidr("10.0.0.0/28");
        var taken = new HashSet<uint> { PodCidr.ToNumber(IPAddress.Parse("10.0.0.4")) };
        var given = new List<string>();
        uint? cursor = null;
        for (var i = 0; i < 13; i++)
        {
            cursor = AddressCursor.Next(cidr, cursor, taken);
            given.Add(PodCidr.ToText(cursor ?? 0));
        }

        Assert.Equal(["10.0.0.2", "10.0.0.3", "10.0.0.5"], given[..3]);
        Assert.Equal("10.0.0.14", given[11]);
        Assert.Equal("10.0.0.2", given[12]);
    }

    [Fact]
    public void A_full_network_gives_none()
    {
        var cidr = Cidr("10.0.0.0/28");
        var all = Enumerable.Range(0, 13).Select(i => cidr.First + (uint)i).ToHashSet();

        Assert.Null(AddressCursor.Next(cidr, cidr.First, all));
    }

    [Fact]
    public void An_address_given_before_a_crash_is_not_given_right_after_it()
    {
        var file = Path.Combine(_folder, "cursor");
        var first = new AddressPool(Cidr("127.17.0.0/16"), IPAddress.Parse("127.17.0.1"), file);
        Assert.Equal("127.17.0.2", first.Take([]));
        Assert.Equal("127.17.0.3", first.Take([]));

        var second = new AddressPool(Cidr("127.17.0.0/16"), IPAddress.Parse("127.17.0.1"), file);

        Assert.Equal("127.17.0.4", second.Take([]));
    }

    [Theory]
    [InlineData("10.0.0.0")]
    [InlineData("fe80::/64")]
    [InlineData("10.0.0.0/31")]
    [InlineData("0.0.0.0/0")]
    [InlineData("x")]
    public void What_is_no_network_for_pods_is_refused(string text)
    {
        Assert.Null(PodCidr.Parse(text, out var fault));
        Assert.Contains(text, fault, StringComparison.Ordinal);
    }

    private static PodCidr Cidr(string text) =>
        PodCidr.Parse(text, out _) ?? throw new InvalidOperationException(text);
}
