using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kernel.Signals;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.ConsoleSite.Actions;

/// <summary>Units that live in memory: what is done to them is written down.</summary>
internal sealed class FakeFleet : IActionTarget
{
    private readonly ConcurrentDictionary<string, int> _instances = new();
    private int _inHand;

    public FakeFleet(int units, int zones) => Units =
    [
        .. Enumerable.Range(1, units).Select(number => new ActionUnit(
            $"router/node-{number}", $"node-{number}", $"zone-{(char)('a' + ((number - 1) % zones))}")),
    ];

    public ImmutableArray<ActionUnit> Units { get; }

    public TargetTraits Traits { get; set; } = new()
    {
        Kind = "routers",
        Effect = "each router is replaced by a new one.",
        UnitDeadline = TimeSpan.FromSeconds(30),
        Bake = TimeSpan.FromSeconds(20),
        RefusedUnder = ["discovery-stale", "no-quorum"],
    };

    public ImmutableArray<Need> Needs { get; set; } = [];

    /// <summary>By subject; who is not in it is safe.</summary>
    public ConcurrentDictionary<string, UnitProof> Proofs { get; } = new();

    /// <summary>Units that stay the old one whatever is done to them.</summary>
    public HashSet<string> Stubborn { get; } = [];

    public ConcurrentQueue<string> Acted { get; } = new();

    public ConcurrentQueue<string> TakenBack { get; } = new();

    public int InHandMax { get; private set; }

    /// <summary>Called with each unit as it is acted on.</summary>
    public Action<ActionUnit> OnAct { get; set; } = _ => { };

    /// <summary>Called before needs are told.</summary>
    public Action OnNeeds { get; set; } = () => { };

    public Task<ImmutableArray<ActionUnit>> UnitsAsync(CancellationToken cancellationToken) => Task.FromResult(Units);

    public Task<ImmutableArray<Need>> NeedsAsync(
        ImmutableArray<ActionUnit> units, CancellationToken cancellationToken)
    {
        OnNeeds();
        return Task.FromResult(Needs);
    }

    public Task<UnitProof> ProveAsync(ActionUnit unit, CancellationToken cancellationToken) =>
        Task.FromResult(Proofs.GetValueOrDefault(unit.Subject, new UnitProof(ProofResult.Safe, "", "", null)));

    public Task<UnitState> LookAsync(ActionUnit unit, CancellationToken cancellationToken) =>
        Task.FromResult(new UnitState($"{_instances.GetValueOrDefault(unit.Subject)}", true, ""));

    public async Task ActAsync(ActionUnit unit, IActionTeller tell, CancellationToken cancellationToken)
    {
        Acted.Enqueue(unit.Subject);
        InHandMax = Math.Max(InHandMax, Interlocked.Increment(ref _inHand));
        OnAct(unit);
        tell.Tell(unit.Subject, "act", "");
        await Task.Yield();
        if (!Stubborn.Contains(unit.Subject))
        {
            _instances.AddOrUpdate(unit.Subject, 1, (_, old) => old + 1);
        }

        Interlocked.Decrement(ref _inHand);
    }

    public Task<string> TakeBackAsync(ActionUnit unit, CancellationToken cancellationToken)
    {
        TakenBack.Enqueue(unit.Subject);
        return Task.FromResult("the old one stays");
    }
}

/// <summary>What the platform looks like, as a test wants it.</summary>
internal sealed class FakeWorld(TimeProvider time) : IActionWorld
{
    private volatile Func<WorldView, WorldView> _change = view => view;

    /// <summary>From now on it looks like this.</summary>
    public void Becomes(Func<WorldView, WorldView> change) => _change = change;

    public Task<WorldView> LookAsync(CancellationToken cancellationToken) =>
        Task.FromResult(_change(new WorldView(time.GetUtcNow())));

    public static Signal Signal(SignalDefinition definition, string subject, string summary) =>
        new(definition, subject, DateTimeOffset.UnixEpoch, new SignalReading(summary));
}

/// <summary>A clock that goes on, by the time that is waited for, whenever somebody waits.</summary>
internal sealed class WaitedForTime(DateTimeOffset start) : FakeTimeProvider(start)
{
    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (period <= TimeSpan.Zero && dueTime > TimeSpan.Zero)
        {
            _waits.Writer.TryWrite(dueTime);
        }

        return timer;
    }

    /// <summary>Goes on until the task has ended.</summary>
    public async Task<T> RunAsync<T>(Task<T> task)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!task.IsCompleted)
        {
            var waits = _waits.Reader.WaitToReadAsync(late.Token).AsTask();
            if (await Task.WhenAny(task, waits) == waits && await waits && _waits.Reader.TryRead(out var wait))
            {
                Advance(wait);
            }
        }

        return await task;
    }
}
