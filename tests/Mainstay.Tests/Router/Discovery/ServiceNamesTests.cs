using System.Text;
using Mainstay.Router.Discovery;

namespace Mainstay.Tests.Router.Discovery;

public sealed class ServiceNamesTests
{
    [Theory]
    [InlineData("ledger", "bank", "bank/ledger")]
    [InlineData("service.ledger", "bank", "bank/ledger")]
    [InlineData("LEDGER.audit", "bank", "audit/ledger")]
    [InlineData("service.ledger.audit", "bank", "audit/ledger")]
    [InlineData("ledger.audit.svc", "bank", "audit/ledger")]
    [InlineData("ledger.audit.svc.cluster.local", "bank", "audit/ledger")]
    [InlineData("ledger.audit.svc.cluster.local.", "bank", "audit/ledger")]
    [InlineData("ledger", "audit", "audit/ledger")]
    [InlineData("service", "bank", "bank/service")]
    [InlineData("service.audit", "bank", "audit/service")]
    [InlineData("ledger", "elsewhere", "")]
    [InlineData("ledger.elsewhere", "bank", "")]
    [InlineData("ledger.audit.svc.other.domain", "bank", "")]
    [InlineData("a.b.c.d", "bank", "")]
    [InlineData(".", "bank", "")]
    [InlineData(".bank", "bank", "")]
    public void A_name_means_the_service_that_its_caller_expects(string host, string caller, string expected)
    {
        var table = new RouteTable(
            [Service("bank", "ledger"), Service("audit", "ledger"), Service("bank", "service"), Service("audit",
                "service")], 1);

        var index = new ServiceNames("cluster.local").Find(
            table, Encoding.ASCII.GetBytes(host), Encoding.ASCII.GetBytes(caller));

        Assert.Equal(expected, index < 0 ? "" : $"{table.Services[index].Namespace}/{table.Services[index].Name}");
    }

    [Theory]
    [InlineData(-1, 80)]
    [InlineData(80, 80)]
    [InlineData(8081, 8081)]
    [InlineData(99, -1)]
    public void A_port_is_found_by_its_number_and_without_one_it_is_80(int asked, int found)
    {
        var service = new ServiceRoute("n", "s", [new PortRoute("admin", 8081, []), new PortRoute("x", 80, [])]);

        var index = service.PortIndex(asked);

        Assert.Equal(found, index < 0 ? -1 : service.Ports[index].Port);
    }

    [Fact]
    public void Without_a_number_and_without_80_the_port_called_http_is_meant_else_the_first()
    {
        var named = new ServiceRoute("n", "s", [new PortRoute("admin", 8081, []), new PortRoute("http", 8080, [])]);
        var unnamed = new ServiceRoute("n", "s", [new PortRoute("one", 8081, []), new PortRoute("two", 8080, [])]);

        Assert.Equal((1, 0), (named.PortIndex(-1), unnamed.PortIndex(-1)));
        Assert.Equal(-1, new ServiceRoute("n", "s", []).PortIndex(-1));
    }

    private static ServiceRoute Service(string scope, string name) => new(scope, name, []);
}
