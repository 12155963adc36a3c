using System.Collections.Immutable;
using System.Net;
using Mainstay.Agent.Probes;
using Mainstay.Agent.Processes;

namespace Mainstay.Tests.Agent.Probes;

public sealed class ListeningRuleTests
{
    private const string Ip = "127.17.0.5";

    [Theory]
    [InlineData(Ip, 1, null)]
    [InlineData(Ip, 2, "held by a process that is not the container's")]
    [InlineData("0.0.0.0", 1, "wildcard address 0.0.0.0 port 8080")]
    [InlineData("::", 1, "wildcard address :: port 8080")]
    [InlineData("0.0.0.0", 2, "does not listen on 127.17.0.5:8080 yet")]
    [InlineData("127.17.0.6", 1, "does not listen on 127.17.0.5:8080 yet")]
    public void Only_an_own_listener_on_the_own_address_counts(string address, long inode, string? expected)
    {
        ImmutableArray<Listener> listeners = [new(IPAddress.Parse(address), 8080, inode)];

        var fault = ListeningRule.Fault(Ip, [8080], listeners, owned => owned == 1);

        if (expected is null)
        {
            Assert.Null(fault);
        }
        else
        {
            Assert.Contains(expected, fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_declared_port_must_be_listened_on()
    {
        ImmutableArray<Listener> listeners = [new(IPAddress.Parse(Ip), 8080, 1)];

        Assert.Contains(":9090", ListeningRule.Fault(Ip, [8080, 9090], listeners, _ => true), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wildcard_beside_the_own_address_is_refused_too()
    {
        ImmutableArray<Listener> listeners =
            [new(IPAddress.Parse(Ip), 8080, 1), new(IPAddress.IPv6Any, 8080, 2)];

        Assert.Contains("wildcard", ListeningRule.Fault(Ip, [8080], listeners, _ => true), StringComparison.Ordinal);
    }
}
