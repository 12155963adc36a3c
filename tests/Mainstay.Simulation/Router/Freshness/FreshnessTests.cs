using Mainstay.Router.Discovery.Freshness;

namespace Mainstay.Simulation.Router.Freshness;

/// <summary>
/// Seeded lives of routers and API servers that fall mute, lag and die, of writers that die, of a store without quorum.
/// A failure names its seed.
/// </summary>
public sealed class FreshnessTests
{
    private const double Step = 0.1;
    private const double LifeSeconds = 240;

    [Fact]
    public void Without_faults_everything_is_fresh_and_nobody_leaves()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var life = new Life(seed, servers: 3, routers: 3);
            life.Run((_, _) => { }, (router, now) =>
            {
                // The first beat is written some seconds after the start.
                Assert.True(now < 10 || router.State == FreshnessState.Fresh, $"seed {seed}: {router.State} at {now}");
                Assert.Equal(0, router.Leaves);
            });
        }
    }

    [Fact]
    public void A_table_that_is_ten_seconds_behind_is_never_called_fresh()
    {
        var disturbed = 0;
        for (var seed = 0; seed < 150; seed++)
        {
            var life = new Life(seed, servers: 1 + (seed % 3), routers: 2);
            life.Run(life.AnyFaults, (router, now) =>
            {
                var behind = life.BehindFor(router, now);
                Assert.True(behind <= 10 || router.State != FreshnessState.Fresh,
                    $"seed {seed}: {router.Name} is {behind:0.0} s behind at {now:0.0} s and says that it is fresh");
            });
            disturbed += life.WorstBehind > 5 ? 1 : 0;
        }

        Assert.True(disturbed > 100, $"only {disturbed} lives were disturbed: the faults do little");
    }

    [Fact]
    public void While_one_server_is_well_a_table_is_repaired_within_fifteen_seconds()
    {
        var repaired = 0;
        for (var seed = 0; seed < 150; seed++)
        {
            var life = new Life(seed, servers: 3, routers: 2);
            life.Run(life.OneFaultAtATime, (router, now) =>
            {
                var behind = life.BehindFor(router, now);
                Assert.True(behind <= 15, $"seed {seed}: {router.Name} is {behind:0.0} s behind at {now:0.0} s");
            });
            repaired += life.Routers.Sum(router => router.Leaves);
        }

        Assert.True(repaired > 100, $"only {repaired} servers were left: the faults do little");
    }

    [Fact]
    public void A_table_never_goes_back_and_the_sequence_neither()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var life = new Life(seed, servers: 2, routers: 3);
            var (applied, sequence) = (new Dictionary<string, int>(), -1L);
            life.Run(life.AnyFaults, (router, now) =>
            {
                Assert.True(router.Applied >= applied.GetValueOrDefault(router.Name), $"seed {seed} at {now:0.0} s");
                Assert.True(life.Plane.Sequence >= sequence, $"seed {seed} at {now:0.0} s");
                (applied[router.Name], sequence) = (router.Applied, life.Plane.Sequence);
            });
        }
    }

    [Fact]
    public void When_a_writer_dies_another_writes_within_twelve_seconds()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var life = new Life(seed, servers: 2, routers: 3);
            var diesAt = 20 + (seed % 40);
            life.Run(
                (random, now) =>
                {
                    if (now >= diesAt && life.Routers.All(router => !router.WriterIsDead))
                    {
                        life.Routers.Single(router => router.Name == life.Plane.Lease.Holder).WriterIsDead = true;
                    }
                },
                (router, now) =>
                {
                    var silence = now - life.Plane.LastBeatAt;
                    Assert.True(now < 10 || silence <= 12, $"seed {seed}: no beat for {silence:0.0} s at {now:0.0} s");
                    Assert.Equal(0, router.Leaves);
                });
            Assert.NotEqual(life.Plane.Lease.Holder, life.Routers.Single(router => router.WriterIsDead).Name);
        }
    }

    private sealed class Life
    {
        private readonly Random _random;
        private readonly int _seed;
        private double _nextFaultAt = 15;

        public Life(int seed, int servers, int routers)
        {
            _seed = seed;
            _random = new Random(seed);
            Plane = new SimulatedControlPlane(servers, _random);
            var numbers = Enumerable.Range(0, routers);
            Routers = [.. numbers.Select(number => new SimulatedRouter($"router-{number}", Plane, _random))];
        }

        public SimulatedControlPlane Plane { get; }

        public IReadOnlyList<SimulatedRouter> Routers { get; }

        public double WorstBehind { get; private set; }

        public void Run(Action<Random, double> faults, Action<SimulatedRouter, double> check)
        {
            for (var now = 0.0; now < LifeSeconds; now += Step)
            {
                Plane.Tick(now);
                faults(_random, now);
                if (_random.NextDouble() < Step / 2)
                {
                    Plane.Change(now);
                }

                foreach (var router in Routers)
                {
                    router.Tick(now);
                    WorstBehind = Math.Max(WorstBehind, BehindFor(router, now));
                    check(router, now);
                }
            }

            Assert.True(Plane.Log.Count > 100, $"seed {_seed}: things happen");
        }

        /// <summary>For how long the oldest change that the table lacks has been in the store.</summary>
        public double BehindFor(SimulatedRouter router, double now) =>
            router.Applied < Plane.Log.Count ? now - Plane.Log[router.Applied].At : 0;

        /// <summary>Faults of all kinds, several at a time, dead writers and a lost quorum among them.</summary>
        public void AnyFaults(Random random, double now)
        {
            if (now < _nextFaultAt)
            {
                return;
            }

            _nextFaultAt = now + (random.NextDouble() * 15);
            switch (random.Next(8))
            {
                case var _ when !Plane.HasQuorum:
                    Plane.LoseQuorum(false);
                    break;
                case 0:
                    Plane.LoseQuorum(true);
                    break;
                case 1:
                    var router = Routers[random.Next(Routers.Count)];
                    router.WriterIsDead = !router.WriterIsDead;
                    break;
                default:
                    Break(random, now, 40);
                    break;
            }
        }

        /// <summary>Each fault begins a good while after the last one has ended; a writer is always there.</summary>
        public void OneFaultAtATime(Random random, double now)
        {
            if (now >= _nextFaultAt)
            {
                var until = Break(random, now, 40);
                _nextFaultAt = until + 20;
            }
        }

        private double Break(Random random, double now, double most)
        {
            var until = now + 5 + (random.NextDouble() * most);
            Plane.Break(random.Next(Plane.Servers), (ServerFault)random.Next(1, 4), until);
            return until;
        }
    }
}
