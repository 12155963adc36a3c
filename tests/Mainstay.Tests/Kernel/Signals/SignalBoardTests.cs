using Mainstay.Kernel.Signals;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Kernel.Signals;

public sealed class SignalBoardTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SignalBoard _board;

    public SignalBoardTests() => _board = new SignalBoard(_time);

    [Fact]
    public void A_signal_raised_again_keeps_its_beginning_and_takes_the_new_figures()
    {
        var began = _time.GetUtcNow();
        _board.Raise(SignalCatalog.DiscoveryStale, "router/node-1", new SignalReading("9 s"));
        _time.Advance(TimeSpan.FromSeconds(5));
        _board.Raise(SignalCatalog.DiscoveryStale, "router/node-1", new SignalReading("14 s"));

        var signal = Assert.Single(_board.Active);
        Assert.Equal((began, "14 s"), (signal.Since, signal.Reading.Summary));
    }

    [Fact]
    public void A_signal_that_comes_back_begins_anew()
    {
        _board.Raise(SignalCatalog.DiscoveryStale, "router/node-1", new SignalReading("9 s"));
        _board.Set(SignalCatalog.DiscoveryStale, "router/node-1", null);
        Assert.Empty(_board.Active);
        _time.Advance(TimeSpan.FromSeconds(5));
        _board.Set(SignalCatalog.DiscoveryStale, "router/node-1", new SignalReading("8 s"));

        Assert.Equal(_time.GetUtcNow(), Assert.Single(_board.Active).Since);
    }

    [Fact]
    public void Setting_all_subjects_clears_those_that_are_not_named_and_no_other_signal()
    {
        _board.Raise(SignalCatalog.SlowStore, "store", new SignalReading("slow"));
        _board.SetAll(SignalCatalog.ObjectQuarantined, Readings("a", "b"));
        _board.SetAll(SignalCatalog.ObjectQuarantined, Readings("b", "c"));

        Assert.Equal(["b", "c", "store"], _board.Active.Select(signal => signal.Subject).Order());
    }

    [Fact]
    public void The_worst_comes_first()
    {
        _board.Raise(SignalCatalog.MembershipChanged, "store", new SignalReading(""));
        _board.Raise(SignalCatalog.NoQuorum, "store", new SignalReading(""));

        Assert.Equal("no-quorum", _board.Active[0].Name);
    }

    private static Dictionary<string, SignalReading> Readings(params string[] subjects) =>
        subjects.ToDictionary(subject => subject, _ => new SignalReading("bad"));
}
