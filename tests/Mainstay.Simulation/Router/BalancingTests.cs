using Mainstay.Router.Balancing;
using Mainstay.Router.Discovery;

namespace Mainstay.Simulation.Router;

/// <summary>A seeded model of callers and endpoints around the real balancer: who gets how many calls?</summary>
public sealed class BalancingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void An_endpoint_that_is_ten_times_slower_gets_far_fewer_calls_and_like_ones_share_alike(int seed)
    {
        var counts = Run(new Random(seed), [1_000, 1_000, 1_000, 1_000, 10_000]);

        Assert.All(counts[..4], count => Assert.InRange(count, 1_800, 3_000));
        Assert.InRange(counts[4], 1, 700);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_endpoint_that_was_slow_once_is_found_again(int seed)
    {
        var random = new Random(seed);
        var port = NewPort(random, 2);
        var now = 0L;
        port.Ready[0].Latency.Observe(500_000, now);
        port.Ready[1].Latency.Observe(1_000, now);

        now += 120_000_000;
        port.Ready[1].Latency.Observe(1_000, now);
        var chosen = Enumerable.Range(0, 100).Select(_ => port.Choose(now, null)).Distinct();

        Assert.Contains(port.Ready[0], chosen);
    }

    /// <summary>Ten thousand calls, ten out at a time; each endpoint takes its own time for an answer.</summary>
    private static int[] Run(Random random, long[] latencies)
    {
        var port = NewPort(random, latencies.Length);
        var counts = new int[latencies.Length];
        var events = new PriorityQueue<(EndpointState Endpoint, long StartedMicros), long>();
        var now = 0L;
        for (var call = 0; call < 10_000; call++)
        {
            if (events.Count == 10 && events.TryDequeue(out var ended, out now))
            {
                ended.Endpoint.InFlight--;
                ended.Endpoint.Latency.Observe(now - ended.StartedMicros, now);
            }

            var chosen = port.Choose(now, null);
            Assert.NotNull(chosen);
            var index = port.Ready.IndexOf(chosen);
            counts[index]++;
            chosen.InFlight++;
            events.Enqueue((chosen, now), now + latencies[index] + random.Next(100));
        }

        return counts;
    }

    private static PortState NewPort(Random random, int endpoints)
    {
        var port = new PortState(random, 0);
        port.Adopt(new PortRoute("http", 80, [.. Enumerable.Range(1, endpoints)
            .Select(number => new Endpoint($"10.0.0.{number}", 80) { Ready = true })]));
        return port;
    }
}
