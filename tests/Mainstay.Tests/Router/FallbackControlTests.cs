using System.Globalization;
using Mainstay.Kernel.Signals;
using Mainstay.Router;
using Mainstay.Router.Discovery;
using Mainstay.Router.Pipeline;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Router;

public sealed class FallbackControlTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly TableSource _tables = new();
    private readonly RouterLoop _loop;
    private readonly SignalBoard _board;
    private readonly FallbackControl _control;
    private readonly Lines _log = new();
    private long _revision;

    public FallbackControlTests()
    {
        var settings = CallSettings.From(new RouterOptions());
        _loop = new RouterLoop(
            _tables, new ServiceNames("cluster.local"), settings, new RouterWorld(_time, new Random(1)));
        _board = new SignalBoard(_time);
        _control = new FallbackControl([_loop], _tables, _board, new RouterOptions { Node = "node-1" })
        {
            Logger = _log,
        };
    }

    public void Dispose() => _loop.Dispose();

    [Fact]
    public void The_signals_of_a_service_end_with_the_service()
    {
        Publish(Service("a") with { FallbackFault = "annotation makes no sense" }, WithFallback("b"), Service("c"));
        _loop.Known[1].Fallback?.Switch.Choose(hasLive: false, 0);
        _control.Look();
        Assert.Equal(
            [("fallback-active", "service/bank/b"), ("object-quarantined", "router/node-1/Service/bank/a/fallback")],
            _board.Active.Select(signal => (signal.Name, signal.Subject)).Order());

        Publish(Service("c"));
        _control.Look();

        Assert.Empty(_board.Active);
    }

    [Fact]
    public void Each_turn_of_a_fallback_is_one_line_of_the_log()
    {
        Publish(WithFallback("b"), Service("c"));
        _loop.Known[0].Fallback?.Switch.Choose(hasLive: false, 0);
        _control.Look();
        _control.Look();
        Publish(Service("b"), Service("c"));
        _control.Look();
        _control.Look();

        Assert.Collection(
            _log.Written,
            line => Assert.StartsWith("service/bank/b: Calls to bank/b go to", line, StringComparison.Ordinal),
            line => Assert.Equal("service/bank/b: calls go to the service itself again", line));
    }

    [Fact]
    public void A_fallback_that_nobody_calls_for_a_minute_is_let_go_unless_a_person_wants_it()
    {
        Publish(WithFallback("b"), WithFallback("by-hand"), Service("c"));
        Assert.Null(_control.Want("bank/by-hand", "true"));
        _loop.FollowTable();
        _loop.Known[0].Fallback?.Switch.Choose(hasLive: false, 0);
        for (var look = 0; look <= Limits.FallbackUnaskedLooksMax / 2; look++)
        {
            _control.Look();
        }

        _loop.Known[0].Fallback?.Switch.Choose(hasLive: true, 0);
        for (var look = 0; look <= Limits.FallbackUnaskedLooksMax; look++)
        {
            Assert.True(_loop.Known[0].Fallback?.Switch.IsActive);
            _control.Look();
        }

        _control.Look();
        Assert.Equal("service/bank/by-hand", Assert.Single(_board.Active).Subject);
    }

    [Fact]
    public void What_somebody_else_has_found_senseless_stays_signalled()
    {
        const string Subject = "router/node-1/Service/bank/other";
        _board.Raise(SignalCatalog.ObjectQuarantined, Subject, new SignalReading("no name"));
        Publish(Service("a") with { FallbackFault = "annotation makes no sense" });
        _control.Look();
        Publish(Service("a"));

        _control.Look();

        Assert.Equal(Subject, Assert.Single(_board.Active).Subject);
    }

    [Fact]
    public void At_the_bound_new_wishes_are_refused_and_old_ones_are_changed_and_taken_back()
    {
        var names = Enumerable.Range(0, FallbackControl.WishesMax + 1)
            .Select(number => string.Create(CultureInfo.InvariantCulture, $"s-{number}")).ToArray();
        Publish([.. names.Select(WithFallback)]);
        foreach (var name in names[..^1])
        {
            Assert.Null(_control.Want($"bank/{name}", "true"));
        }

        Assert.Contains("wishes already", _control.Want($"bank/{names[^1]}", "true"), StringComparison.Ordinal);
        Assert.Null(_control.Want("bank/s-0", "false"));
        Assert.Null(_control.Want("bank/s-0", "auto"));
        Assert.Null(_control.Want($"bank/{names[^1]}", "true"));
    }

    private void Publish(params ServiceRoute[] services)
    {
        _tables.Publish(new RouteTable([.. services], ++_revision));
        _loop.FollowTable();
    }

    private static ServiceRoute Service(string name) => new("bank", name, [new PortRoute("http", 80, [])]);

    private static ServiceRoute WithFallback(string name) => Service(name) with
    {
        Fallback = new FallbackRoute("bank", "c", -1, ByHand: false),
    };

    private sealed class Lines : ILogger
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Written.Add(formatter(state, exception));
    }
}
