using Mainstay.Kernel;
using Mainstay.Up;

namespace Mainstay.Tests.CommandLine;

public sealed class UpOptionsTests
{
    internal static readonly UpOptions Usual = new()
    {
        Nodes = 3,
        Zones = 3,
        Store = StoreKind.Embedded,
        Members = 1,
        DataFolder = "/data",
        PortOffset = 0,
        NodeOffset = 0,
        WithBank = true,
    };

    [Fact]
    public void The_usual_options_have_no_fault()
    {
        Assert.Empty(Usual.Faults());
        Assert.Empty((Usual with { Store = StoreKind.Etcd, Members = 9 }).Faults());
    }

    [Fact]
    public void Every_fault_is_told_at_once()
    {
        var wrong = Usual with { Nodes = 0, Members = 3, ApiServers = 2, PortOffset = -1 };

        var fault = Assert.Throws<StartException>(wrong.Check);

        Assert.Equal(ExitCodes.Usage, fault.ExitCode);
        Assert.Contains("--nodes is 0", fault.Message, StringComparison.Ordinal);
        Assert.Contains("--zones is 3", fault.Message, StringComparison.Ordinal);
        Assert.Contains("--members 3 needs --store etcd", fault.Message, StringComparison.Ordinal);
        Assert.Contains("--api-servers is 2", fault.Message, StringComparison.Ordinal);
        Assert.Contains("--port-offset is -1", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UpOptions.NodesMax, 38, true)]
    [InlineData(UpOptions.NodesMax, 39, false)]
    [InlineData(UpOptions.NodesMax + 1, 0, false)]
    public void Nodes_stay_within_the_loopback_network(int nodes, int offset, bool fits)
    {
        var options = Usual with { Nodes = nodes, NodeOffset = offset };

        Assert.Equal(fits, !options.Faults().Any());
    }
}
