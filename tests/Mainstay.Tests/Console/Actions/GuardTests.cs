using System.Collections.Immutable;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kernel.Signals;

namespace Mainstay.Tests.ConsoleSite.Actions;

public sealed class GuardTests
{
    private static readonly FakeFleet Fleet = new(units: 3, zones: 3);

    [Fact]
    public void A_fleet_that_is_proven_and_well_may_be_restarted()
    {
        Assert.Empty(Guard.Refusals(Input()));
    }

    [Fact]
    public void A_unit_that_failed_its_proof_is_refused_with_the_hop_and_the_object()
    {
        var failed = new UnitProof(
            ProofResult.Unsafe, "the list is null", "api/https://127.0.0.1:6443",
            new ObjectReference("EndpointSlice", "bank", "feature-x"));

        var refusal = Assert.Single(Guard.Refusals(Input("router/node-2", failed)));

        Assert.Equal("router/node-2", refusal.Unit);
        Assert.Equal("api/https://127.0.0.1:6443", refusal.Hop);
        Assert.Equal("EndpointSlice bank/feature-x", refusal.Culprit);
        Assert.Contains(
            "router/node-2 could not start now at api/https://127.0.0.1:6443", refusal.Text, StringComparison.Ordinal);
        Assert.Contains("EndpointSlice bank/feature-x", refusal.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_unit_without_a_proof_is_refused_as_one_that_failed_it()
    {
        var unproven = Assert.Single(Guard.Refusals(Input("router/node-3", UnitProof.Unproven("nobody answers"))));
        Assert.Contains("is not proven to start now: nobody answers", unproven.Text, StringComparison.Ordinal);

        var absent = Input() with { Proofs = Input().Proofs.Remove("router/node-1") };
        Assert.Equal("router/node-1", Assert.Single(Guard.Refusals(absent)).Unit);
    }

    [Theory]
    [InlineData("discovery-stale", true)]
    [InlineData("no-quorum", true)]
    [InlineData("crash-loop", false)]
    public void A_signal_that_a_restart_makes_worse_refuses_it(string name, bool isRefused)
    {
        var signal = FakeWorld.Signal(SignalCatalog.Find(name)!, "router/node-1", "nothing heard for 14 s.");
        var input = Input() with { World = new WorldView(DateTimeOffset.UnixEpoch) { Signals = [signal] } };

        var refusals = Guard.Refusals(input);

        Assert.Equal(isRefused, !refusals.IsEmpty);
        Assert.All(refusals, refusal => Assert.Contains(name, refusal.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_replacement_cannot_do_without_refuses_and_what_only_helps_is_told()
    {
        var input = Input() with
        {
            Needs =
            [
                new Need("store quorum", false, "1 of 3 members answers"),
                new Need("snapshot router/node-1", false, "none yet") { Required = false },
            ],
        };

        var refusal = Assert.Single(Guard.Refusals(input));
        Assert.Contains("store quorum: 1 of 3 members answers", refusal.Text, StringComparison.Ordinal);
        Assert.Contains("snapshot router/node-1", Assert.Single(Guard.Notes(input)), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_action_and_an_unknown_node_are_named()
    {
        var running = new ActionRecord
        {
            Id = "x7", Verb = "restart", Target = "agents", Actor = "ben", PlannedAt = DateTimeOffset.UnixEpoch,
        };
        var texts = Guard.Refusals(Input() with { Running = running, UnknownNodes = ["node-9"] })
            .Select(refusal => refusal.Text).ToList();

        Assert.Contains(texts, text => text.Contains("restart agents by ben (x7)", StringComparison.Ordinal));
        Assert.Contains(texts, text => text.Contains("node-9", StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_restart_does_not_cure_is_said()
    {
        var traits = Fleet.Traits with
        {
            NoCureFor = ImmutableDictionary<string, string>.Empty.Add("object-quarantined", "mend the object"),
        };
        var signal = FakeWorld.Signal(SignalCatalog.ObjectQuarantined, "router/node-1", "x is null.");
        var input = Input() with
        {
            Traits = traits,
            World = new WorldView(DateTimeOffset.UnixEpoch) { Signals = [signal] },
        };

        Assert.Empty(Guard.Refusals(input));
        Assert.Contains("mend the object", Assert.Single(Guard.Notes(input)), StringComparison.Ordinal);
    }

    private static GuardInput Input(string unit = "", UnitProof? proof = null)
    {
        var safe = new UnitProof(ProofResult.Safe, "", "", null);
        return new GuardInput(
            Fleet.Traits,
            Fleet.Units,
            Fleet.Units.ToImmutableSortedDictionary(
                each => each.Subject, each => each.Subject == unit && proof is not null ? proof : safe),
            [],
            new WorldView(DateTimeOffset.UnixEpoch));
    }
}
