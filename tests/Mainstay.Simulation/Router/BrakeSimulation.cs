using System.Collections.Immutable;
using System.Net;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;
using Mainstay.Router.Discovery;
using Mainstay.Router.Discovery.Brake;
using Mainstay.Router.Pipeline;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mainstay.Simulation.Router;

/// <summary>
/// A seeded cluster whose slices lie: endpoints vanish and come back, pods die, addresses are used again, services are
/// scaled to zero on purpose, the API server and the agents fall silent. Around it the real brake and its rounds.
/// </summary>
public sealed class BrakeSimulation
{
    private static readonly string[] Services = ["a", "b", "c", "d", "e"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Nobody_is_called_who_is_known_to_be_gone_and_nobody_is_dropped_who_lives(int seed)
    {
        var cluster = new LyingCluster(new Random(seed));
        var brake = new EndpointBrake(cluster.Time);
        var parts = new DiscoveryParts(new TableSource(), new SignalBoard(cluster.Time));
        var world = new DiscoveryWorld(NullLogger.Instance, cluster.Time, new Random(seed));
        var loop = new BrakeLoop(brake, cluster, parts, world);
        var published = brake.Apply(cluster.Heard, DiscoveredObjects.None);
        var held = 0;
        for (var step = 0; step < 1_500; step++)
        {
            cluster.Step();
            published = brake.Apply(cluster.Heard, published);
            AssertNoneListedIsHeld(brake, cluster);
            cluster.BeginRound();
            await loop.RoundAsync(CancellationToken.None);
            published = brake.Apply(cluster.Heard, published);
            AssertNothingKnownToBeGoneIsCalled(published, cluster);
            AssertTheLivingOfEmptyServicesAreCalled(published, cluster);
            held += brake.Held.Length;
        }

        Assert.True(held > 100, "the brake had something to do");
    }

    /// <summary>Listed, in whatever state, is a statement.</summary>
    private static void AssertNoneListedIsHeld(EndpointBrake brake, LyingCluster cluster)
    {
        foreach (var held in brake.Held)
        {
            Assert.DoesNotContain(
                cluster.Heard.Slices.Values.Where(slice => slice.Service == held.Service.Key.Name)
                    .SelectMany(slice => slice.Addresses),
                listed => listed.Address == held.Address.Address && listed.Uid == held.Address.Uid);
        }
    }

    /// <summary>Once an agent gave the address to another, or a list by quorum did not have the pod.</summary>
    private static void AssertNothingKnownToBeGoneIsCalled(DiscoveredObjects published, LyingCluster cluster)
    {
        foreach (var (service, address) in Called(published).Where(one => one.Address.Braked))
        {
            var isAlive = cluster.IsAlive(service, address);
            Assert.True(isAlive || !(cluster.ListAnswered || cluster.AgentAnswered), $"{service} {address.Address}");
        }
    }

    /// <summary>A service whose slices are empty is still called where its pods live.</summary>
    private static void AssertTheLivingOfEmptyServicesAreCalled(DiscoveredObjects published, LyingCluster cluster)
    {
        var called = Called(published).Select(one => (one.Service, one.Address.Uid)).ToHashSet();
        foreach (var (service, uid) in cluster.LivingThatVanishedWhole)
        {
            Assert.Contains((service, uid), called);
        }
    }

    private static IEnumerable<(string Service, SliceAddress Address)> Called(DiscoveredObjects published) =>
        from slice in published.Slices.Values
        from address in slice.Addresses
        where address.Ready
        select (slice.Service, address);

    private sealed class LyingCluster : IWitnesses
    {
        private readonly Random _random;
        private readonly Dictionary<int, (string Service, string Uid)> _byAddress = [];
        private readonly HashSet<string> _hidden = [];
        private readonly StepClock _clock = new();
        private int _pods;

        public LyingCluster(Random random)
        {
            _random = random;
            foreach (var service in Services)
            {
                Start(service);
                Start(service);
            }

            Heard = See();
        }

        public TimeProvider Time => _clock;

        public DiscoveredObjects Heard { get; private set; }

        public bool ListAnswered { get; private set; }

        public bool AgentAnswered { get; private set; }

        /// <summary>Pods that were called when all of their service's endpoints vanished, and that live on.</summary>
        public HashSet<(string Service, string Uid)> LivingThatVanishedWhole { get; } = [];

        public bool IsAlive(string service, SliceAddress address) =>
            _byAddress.TryGetValue(Number(address.Address), out var pod) && pod == (service, address.Uid);

        public void Step()
        {
            _clock.Advance(TimeSpan.FromSeconds(20));
            var service = Services[_random.Next(Services.Length)];
            switch (_random.Next(6))
            {
                case 0:
                    Hide(service);
                    break;
                case 1 or 2:
                    _hidden.Remove(service);
                    LivingThatVanishedWhole.RemoveWhere(one => one.Service == service);
                    break;
                case 3:
                    Kill(service, all: _random.Next(3) == 0);
                    break;
                default:
                    Start(service);
                    break;
            }

            Heard = See();
        }

        public void BeginRound()
        {
            ListAnswered = _random.Next(3) > 0;
            AgentAnswered = _random.Next(3) > 0;
        }

        public Task<ImmutableArray<PodObject>?> PodsAsync(
            string scope, ImmutableDictionary<string, string>? labels, CancellationToken cancellationToken)
        {
            ImmutableArray<PodObject> pods =
            [
                .. _byAddress.Select(one => new PodObject(new ObjectKey("bank", one.Value.Uid), one.Value.Uid)
                {
                    Labels = Labels(one.Value.Service),
                    IsAlive = true,
                }),
            ];
            return Task.FromResult<ImmutableArray<PodObject>?>(ListAnswered ? pods : null);
        }

        public Task<AgentPodList?> LocalPodsAsync(string node, CancellationToken cancellationToken)
        {
            ImmutableArray<LocalPod> pods =
            [
                .. _byAddress.Select(one => new LocalPod(
                    IPAddress.Parse(Address(one.Key)), new Caller("bank", one.Value.Service, one.Value.Uid))),
            ];
            return Task.FromResult(AgentAnswered ? new AgentPodList("127.0.0.1", pods) : null);
        }

        public Task<bool> RefusesAsync(string address, int port, CancellationToken cancellationToken) =>
            Task.FromResult(false);

        private void Hide(string service)
        {
            if (_hidden.Contains(service) || Heard.Slices.Values.All(one => one.Service != service))
            {
                return;
            }

            foreach (var pod in _byAddress.Values.Where(pod => pod.Service == service))
            {
                LivingThatVanishedWhole.Add(pod);
            }

            _hidden.Add(service);
        }

        private void Kill(string service, bool all)
        {
            foreach (var (number, pod) in _byAddress.Where(one => one.Value.Service == service).ToArray())
            {
                _byAddress.Remove(number);
                LivingThatVanishedWhole.Remove(pod);
                if (!all)
                {
                    return;
                }
            }
        }

        /// <summary>Addresses are few, so that they are soon another's.</summary>
        private void Start(string service)
        {
            var number = Enumerable.Range(1, 12).FirstOrDefault(free => !_byAddress.ContainsKey(free));
            if (number > 0 && _byAddress.Values.Count(pod => pod.Service == service) < 3)
            {
                _byAddress.Add(number, (service, $"uid-{++_pods}"));
            }
        }

        private DiscoveredObjects See()
        {
            var (services, slices) = (DiscoveredObjects.None.Services, DiscoveredObjects.None.Slices);
            foreach (var name in Services)
            {
                var key = new ObjectKey("bank", name);
                services = services.Add(
                    key, new ServiceObject(key, [new ServicePort("http", 80)]) { Selector = Labels(name) });
                var pods = _hidden.Contains(name) ? [] : _byAddress.Where(one => one.Value.Service == name);
                slices = slices.Add(key, new SliceObject(key, name)
                {
                    Ports = [new ServicePort("http", 8080)],
                    Addresses = [.. pods.Select(one => new SliceAddress(Address(one.Key), true)
                    {
                        Uid = one.Value.Uid,
                        Node = "node-1",
                    })],
                });
            }

            return new DiscoveredObjects(services, slices);
        }

        private static ImmutableDictionary<string, string> Labels(string service) =>
            ImmutableDictionary<string, string>.Empty.Add("app", service);

        private static string Address(int number) => $"10.0.0.{number}";

        private static int Number(string address) =>
            int.Parse(address.AsSpan(7), System.Globalization.CultureInfo.InvariantCulture);
    }

    private sealed class StepClock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan span) => _now += span;

        public override DateTimeOffset GetUtcNow() => _now;

        public override long GetTimestamp() => _now.UtcTicks;
    }
}
