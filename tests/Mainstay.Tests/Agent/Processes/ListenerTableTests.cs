using System.Net;
using Mainstay.Agent.Processes;

namespace Mainstay.Tests.Agent.Processes;

public sealed class ListenerTableTests
{
    private const string Header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt";

    [Fact]
    public void Listeners_are_read_up_to_the_first_connection()
    {
        string[] lines =
        [
            Header,
            "   0: 0500117F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0 100",
            "   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 777 1 0 100",
            "   2: 0100007F:0050 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 888 1 0 100",
            "   3: 0100007F:0051 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 999 1 0 100",
        ];

        var listeners = ListenerTable.Parse(lines).ToArray();

        Assert.Equal(2, listeners.Length);
        Assert.Equal(new Listener(IPAddress.Parse("127.17.0.5"), 8080, 12345), listeners[0]);
        Assert.True(listeners[1].IsWildcard);
    }

    [Fact]
    public void An_IPv4_address_written_as_IPv6_is_the_IPv4_address()
    {
        string[] lines =
        [
            Header,
            "   0: 0000000000000000FFFF00000500117F:1F90 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 5 1",
            "   1: 00000000000000000000000000000000:1F91 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 6 1",
        ];

        var listeners = ListenerTable.Parse(lines).ToArray();

        Assert.Equal("127.17.0.5", listeners[0].Address.ToString());
        Assert.True(listeners[1].IsWildcard);
    }
}
