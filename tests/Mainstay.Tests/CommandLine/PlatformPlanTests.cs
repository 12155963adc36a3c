using System.Net;
using Mainstay.Up;

namespace Mainstay.Tests.CommandLine;

public sealed class PlatformPlanTests
{
    private static readonly PlatformPrograms Programs = new(
        "/build/mainstay", "/build/router", "/build/bank", "/samples");

    [Fact]
    public void Nodes_take_addresses_by_number_and_zones_in_turn()
    {
        var plan = new PlatformPlan(UpOptionsTests.Usual with { Nodes = 3, Zones = 2 }, Programs);

        Assert.Equal(["127.17.0.1", "127.18.0.1", "127.19.0.1"], plan.Nodes.Select(node => node.Address));
        Assert.Equal(["zone-a", "zone-b", "zone-a"], plan.Nodes.Select(node => node.Zone));
        Assert.Equal("https://127.0.0.1:6443", plan.ApiUrl);
    }

    [Fact]
    public void Members_of_etcd_spread_over_the_nodes_and_none_shares_an_address()
    {
        var options = UpOptionsTests.Usual with { Store = StoreKind.Etcd, Members = 9 };
        var plan = new PlatformPlan(options, Programs);

        Assert.All(
            plan.EtcdMembers.GroupBy(member => member.NodeName), onNode => Assert.Equal(3, onNode.Count()));
        var addresses = plan.EtcdMembers.SelectMany(member => new[] { member.Client, member.Peer }).ToList();
        Assert.Equal(addresses.Count, addresses.Distinct().Count());
    }

    [Fact]
    public void Each_node_tries_its_own_api_server_first_and_knows_all_of_them()
    {
        var plan = new PlatformPlan(UpOptionsTests.Usual with { Nodes = 3, ApiServers = 2 }, Programs);

        string[] servers = ["https://127.0.0.1:6443", "https://127.18.0.1:6443"];
        Assert.Equal(servers, plan.ApiServers.Select(server => server.Url));
        Assert.Equal(["node-1", "node-2"], plan.ApiServers.Select(server => server.NodeName));
        Assert.Equal(servers.Select(url => new Uri(url)), plan.ApiUrlsFrom(plan.Nodes[0]));
        Assert.Equal(servers.Reverse().Select(url => new Uri(url)), plan.ApiUrlsFrom(plan.Nodes[1]));
        Assert.Equal(servers.Select(url => new Uri(url)), plan.ApiUrlsFrom(plan.Nodes[2]));
    }

    [Fact]
    public void Two_platforms_moved_apart_share_no_address()
    {
        var first = new PlatformPlan(UpOptionsTests.Usual with { ApiServers = 3 }, Programs);
        var second = new PlatformPlan(
            UpOptionsTests.Usual with { ApiServers = 3, PortOffset = 20011, NodeOffset = 4 }, Programs);

        var addresses = first.ListenAddresses().Concat(second.ListenAddresses()).ToList();

        Assert.Equal(addresses.Count, addresses.Distinct().Count());
        Assert.All(addresses, address => Assert.True(IPEndPoint.TryParse(address, out _), address));
    }
}
