using Mainstay.Router.Balancing;
using Mainstay.Router.Discovery;

namespace Mainstay.Tests.Router.Balancing;

public sealed class PortStateTests
{
    [Fact]
    public void Endpoints_that_stay_keep_their_state_and_one_with_another_uid_is_another()
    {
        var port = new PortState(new Random(1), 0);
        port.Adopt(Route(("10.0.0.1", true, "u1"), ("10.0.0.2", true, "u2")));
        var (first, second) = (port.Ready[0], port.Ready[1]);

        port.Adopt(Route(("10.0.0.2", true, "u2"), ("10.0.0.1", true, "another"), ("10.0.0.3", true, "u3")));

        Assert.Same(second, port.Ready[0]);
        Assert.NotSame(first, port.Ready[1]);
        Assert.True(first.IsRetired);
        Assert.False(second.IsRetired);
    }

    [Fact]
    public void Endpoints_that_are_not_ready_get_no_calls()
    {
        var port = new PortState(new Random(1), 0);
        port.Adopt(Route(("10.0.0.1", false, ""), ("10.0.0.2", true, ""), ("10.0.0.3", false, "")));

        Assert.All(Enumerable.Range(0, 50), _ => Assert.Equal("10.0.0.2", port.Choose(0, null)?.Endpoint.Address));
        port.Adopt(Route(("10.0.0.2", false, "")));
        Assert.Null(port.Choose(0, null));
    }

    [Fact]
    public void Broken_endpoints_are_left_alone_unless_all_are_broken()
    {
        var port = new PortState(new Random(1), 0);
        port.Adopt(Route(("10.0.0.1", true, ""), ("10.0.0.2", true, ""), ("10.0.0.3", true, "")));
        Break(port.Ready[0]);
        Break(port.Ready[1]);

        Assert.All(Enumerable.Range(0, 50), _ => Assert.Equal("10.0.0.3", port.Choose(0, null)?.Endpoint.Address));
        Break(port.Ready[2]);
        var chosen = Enumerable.Range(0, 200).Select(_ => port.Choose(0, null)?.Endpoint.Address).Distinct();
        Assert.Equal(3, chosen.Count());
    }

    [Fact]
    public void A_retry_goes_to_another_endpoint_where_there_is_one()
    {
        var port = new PortState(new Random(1), 0);
        port.Adopt(Route(("10.0.0.1", true, ""), ("10.0.0.2", true, "")));
        var failed = port.Ready[0];

        Assert.All(Enumerable.Range(0, 50), _ => Assert.NotSame(failed, port.Choose(0, failed)));
        port.Adopt(Route(("10.0.0.1", true, "")));
        Assert.Same(failed, port.Choose(0, failed));
    }

    private static void Break(EndpointState endpoint)
    {
        for (var failure = 0; failure < 5; failure++)
        {
            endpoint.Breaker.Failed(0);
        }
    }

    private static PortRoute Route(params (string Address, bool Ready, string Uid)[] endpoints) => new(
        "http", 80, [.. endpoints.Select(e => new Endpoint(e.Address, 8080) { Ready = e.Ready, Uid = e.Uid })]);
}
