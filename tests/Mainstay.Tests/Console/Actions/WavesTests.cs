using System.Collections.Immutable;
using CsCheck;
using Mainstay.ConsoleSite.Actions;

namespace Mainstay.Tests.ConsoleSite.Actions;

public sealed class WavesTests
{
    private static readonly Gen<(ImmutableArray<ActionUnit> Units, int Others)> Fleets = Gen.Select(
        Gen.Int[0, 4].Array[1, 120], Gen.Int[0, 40],
        (zones, others) => (zones
            .Select((zone, number) => new ActionUnit($"router/node-{number}", $"node-{number}", $"zone-{zone}"))
            .ToImmutableArray(), others));

    [Fact]
    public void Nine_units_in_three_zones_go_as_the_worked_example_says()
    {
        var fleet = new FakeFleet(units: 9, zones: 3).Units;

        var waves = Waves.Of(fleet, fleet.Length)
            .Select(wave => string.Join(' ', wave.Select(unit => $"{unit.Zone[^1]}{unit.Node[^1]}")));

        Assert.Equal(["a1", "b2 c3", "a4 b5 c6", "a7 b8 c9"], waves);
    }

    [Fact]
    public void Every_unit_is_acted_on_exactly_once() => Fleets.Sample(fleet =>
    {
        var planned = Waves.Of(fleet.Units, fleet.Units.Length + fleet.Others).SelectMany(wave => wave).ToList();
        Assert.Equal(fleet.Units.Length, planned.Count);
        Assert.Equal(fleet.Units.Length, planned.Distinct().Count());
    });

    [Fact]
    public void One_goes_first_and_no_wave_is_larger_than_a_third() => Fleets.Sample(fleet =>
    {
        var size = fleet.Units.Length + fleet.Others;
        var waves = Waves.Of(fleet.Units, size);
        Assert.Single(waves[0]);
        Assert.All(waves, wave => Assert.InRange(wave.Length, 1, Math.Max(1, Math.Min(size / 3, Waves.SizeMax))));
        Assert.True(size == 1 || waves.All(wave => wave.Length < size), "never all at once");
    });

    [Fact]
    public void No_zone_gets_its_second_before_each_has_had_its_first() => Fleets.Sample(fleet =>
    {
        var planned = Waves.Of(fleet.Units, fleet.Units.Length + fleet.Others).SelectMany(wave => wave).ToList();
        var zones = fleet.Units.Select(unit => unit.Zone).Distinct().Count();
        Assert.Equal(zones, planned.Take(zones).Select(unit => unit.Zone).Distinct().Count());
    });

    [Fact]
    public void Nothing_to_do_is_no_wave() => Assert.Empty(Waves.Of([], 7));
}
