using System.Collections.Immutable;
using Mainstay.Kernel.Proofs;
using Mainstay.Kernel.Signals;
using Mainstay.Router.Proof;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Router.Proof;

public sealed class ProofLoopTests : IAsyncDisposable
{
    private static readonly SeenHeartbeats Seen = new(42, 41);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly CancellationTokenSource _stop = new();
    private readonly FakeProver _prover = new();
    private readonly FakeFleet _fleet = new();
    private readonly SignalBoard _board;
    private readonly ProofLoop _loop;
    private Task _running = Task.CompletedTask;

    public ProofLoopTests()
    {
        _board = new SignalBoard(_time);
        var setting = new ProofSetting("node-1", "build", () => Seen)
        {
            Fleet = _fleet,
            Board = _board,
            Time = _time,
            Random = new Random(1),
        };
        _loop = new ProofLoop(_prover, setting);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    [Fact]
    public async Task Whoever_asks_gets_a_cold_and_a_warm_run_with_the_heartbeats_that_the_router_sees()
    {
        _running = _loop.RunAsync(_stop.Token);

        var report = await _loop.ProveAsync();

        Assert.Equal(ProofResult.Safe, report.Result);
        Assert.Equal([(ProofKind.Cold, Seen), (ProofKind.Warm, Seen)], _prover.Asked);
        Assert.Equal(1, _fleet.Turns);
    }

    [Fact]
    public async Task A_proof_comes_by_itself_soon_after_the_start_and_then_every_few_minutes()
    {
        await StepUntilAsync(() => _prover.Asked.Count == 2);
        var first = Elapsed();
        await StepUntilAsync(() => _prover.Asked.Count == 4);

        Assert.InRange(first, 15, 26);
        Assert.InRange(Elapsed() - first, 235, 365);
    }

    [Fact]
    public async Task An_unsafe_restart_is_signalled_with_the_object_and_the_API_server_and_proven_again_soon()
    {
        _prover.Result = new ProofRun(ProofKind.Cold, "https://a:6443", ProofResult.Unsafe, "null is no list")
        {
            Culprit = new ObjectReference("EndpointSlice", "bank", "empty"),
        };

        await _loop.StepAsync(isAsked: true, _stop.Token);
        var signal = Assert.Single(_board.Active);
        _prover.Result = null;
        await StepUntilAsync(() => _board.Active.IsEmpty);

        Assert.Equal(("restart-unsafe", "router/node-1"), (signal.Name, signal.Subject));
        Assert.Equal("empty", signal.Reading.Culprit?.Name);
        Assert.Contains("api/https://a:6443", signal.Reading.CausedBy);
        Assert.InRange(Elapsed(), 20, 40);
    }

    [Fact]
    public async Task A_proof_that_grows_too_old_proves_nothing_any_more_and_that_is_signalled()
    {
        await _loop.StepAsync(isAsked: true, _stop.Token);
        Assert.Contains("\"result\":\"safe\"", _loop.Annotation, StringComparison.Ordinal);
        _prover.Hangs = true;
        _time.Advance(TimeSpan.FromMinutes(11));
        using var giveUp = new CancellationTokenSource();
        var hanging = _loop.StepAsync(isAsked: true, giveUp.Token);

        Assert.Equal(ProofResult.Unproven, _loop.Report.Result);
        Assert.Contains("over 10 min old", _loop.Report.Reason, StringComparison.Ordinal);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
    }

    [Fact]
    public async Task A_young_proof_of_the_same_build_elsewhere_is_taken_over_but_never_when_somebody_asks()
    {
        _fleet.Shared = new SharedProof("router/node-2", ProofResult.Safe, _time.GetUtcNow(), "");

        await StepUntilAsync(() => _loop.Report.Result == ProofResult.Safe);
        Assert.Empty(_prover.Asked);
        Assert.Contains("router/node-2", _loop.Report.Reason, StringComparison.Ordinal);

        await _loop.StepAsync(isAsked: true, _stop.Token);
        Assert.Equal(2, _prover.Asked.Count);
    }

    [Theory]
    [InlineData(-30)]
    [InlineData(30)]
    public async Task What_was_found_unsafe_here_is_made_safe_by_an_own_proof_only(int seconds)
    {
        _prover.Result = new ProofRun(ProofKind.Cold, "https://a:6443", ProofResult.Unsafe, "null is no list");
        await _loop.StepAsync(isAsked: true, _stop.Token);
        _fleet.Shared = new SharedProof(
            "router/node-2", ProofResult.Safe, _time.GetUtcNow().AddSeconds(seconds), "");

        await StepUntilAsync(() => _prover.Asked.Count == 4);
        Assert.Equal(ProofResult.Unsafe, _loop.Report.Result);

        _prover.Result = null;
        await StepUntilAsync(() => _loop.Report.Result == ProofResult.Safe);
        Assert.Equal(6, _prover.Asked.Count);
    }

    [Fact]
    public async Task A_proof_from_elsewhere_that_is_older_than_the_own_one_says_nothing_new()
    {
        await _loop.StepAsync(isAsked: true, _stop.Token);
        _fleet.OnNewest = () => new SharedProof(
            "router/node-2", ProofResult.Safe, _loop.Report.At!.Value.AddSeconds(-1), ""); // Just proven.

        await StepUntilAsync(() => _prover.Asked.Count == 4);

        Assert.Equal("", _loop.Report.Reason);
    }

    [Fact]
    public async Task Whoever_takes_a_proof_over_reads_its_own_snapshot_all_the_same()
    {
        _fleet.Shared = new SharedProof("router/node-2", ProofResult.Safe, _time.GetUtcNow(), "");
        _prover.Snapshot = new ProofRun(ProofKind.Warm, "", ProofResult.Unsafe, "it is torn") { Answered = false };

        await StepUntilAsync(() => _loop.Report.Result == ProofResult.Safe);

        Assert.Empty(_prover.Asked);
        Assert.Contains("it is torn", _loop.Report.Reason, StringComparison.Ordinal);
        Assert.Contains(_loop.Report.Runs, run => run is { Kind: ProofKind.Warm, Result: ProofResult.Unsafe });
    }

    [Fact]
    public async Task A_snapshot_whose_endpoints_do_not_answer_is_reason_for_an_own_proof()
    {
        _fleet.Shared = new SharedProof("router/node-2", ProofResult.Safe, _time.GetUtcNow(), "");
        _prover.Snapshot = new ProofRun(ProofKind.Warm, "", ProofResult.Unsafe, "nobody answers");

        await StepUntilAsync(() => _loop.Report.At is not null);

        Assert.Equal(2, _prover.Asked.Count);
    }

    [Fact]
    public async Task Only_one_router_lists_at_a_time_but_none_waits_for_ever()
    {
        _fleet.IsBusy = true;
        _fleet.OnAsked = () => _time.Advance(TimeSpan.FromSeconds(2));
        _time.Advance(TimeSpan.FromSeconds(30));

        var proving = _loop.StepAsync(isAsked: false, _stop.Token);
        for (var turn = 0; turn < 10_000 && !proving.IsCompleted; turn++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await proving;
        Assert.Equal(2, _prover.Asked.Count);
        Assert.True(_fleet.Turns > 1, "it had waited for its turn");
    }

    [Fact]
    public async Task Whoever_asks_waits_for_no_turn_and_ends_the_wait_of_a_proof_under_way()
    {
        _fleet.IsBusy = true;
        await _loop.StepAsync(isAsked: true, _stop.Token);
        Assert.Equal((2, 1), (_prover.Asked.Count, _fleet.Turns));

        _time.Advance(TimeSpan.FromMinutes(7));
        var waiting = _loop.StepAsync(isAsked: false, _stop.Token);
        Assert.False(waiting.IsCompleted);
        var asked = _loop.ProveAsync();
        _time.Advance(TimeSpan.FromSeconds(1.2));

        await waiting.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(ProofResult.Safe, (await asked).Result);
        Assert.Equal((4, 3), (_prover.Asked.Count, _fleet.Turns));
    }

    [Fact]
    public async Task The_turn_is_renewed_between_the_two_instances_and_ended_after_them()
    {
        _prover.OnAsked = kind => _fleet.Words.Add(kind.ToString());

        await _loop.StepAsync(isAsked: true, _stop.Token);

        Assert.Equal(["take", "Cold", "renew", "Warm", "end"], _fleet.Words);
    }

    private double Elapsed() => (_time.GetUtcNow() - _time.Start).TotalSeconds;

    private async Task StepUntilAsync(Func<bool> condition)
    {
        for (var step = 0; step < 1_000 && !condition(); step++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await _loop.StepAsync(isAsked: false, _stop.Token);
        }

        Assert.True(condition(), "it came to pass");
    }

    private sealed class FakeProver : IProver
    {
        public ImmutableList<(ProofKind Kind, SeenHeartbeats Seen)> Asked { get; private set; } = [];

        public ProofRun? Result { get; set; }

        public ProofRun? Snapshot { get; set; }

        public Action<ProofKind> OnAsked { get; set; } = _ => { };

        public Task<ProofRun?> ReadSnapshotAsync(CancellationToken cancellationToken) => Task.FromResult(Snapshot);

        public bool Hangs { get; set; }

        public async Task<ImmutableArray<ProofRun>> ProveAsync(
            ProofKind kind, SeenHeartbeats seen, CancellationToken cancellationToken)
        {
            Asked = Asked.Add((kind, seen));
            OnAsked(kind);
            if (Hangs)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }

            return [Result is { } run ? run with { Kind = kind } : new ProofRun(kind, "a", ProofResult.Safe, "")];
        }
    }

    private sealed class FakeFleet : IProofFleet
    {
        public bool IsBusy { get; set; }

        public int Turns { get; private set; }

        public Action OnAsked { get; set; } = () => { };

        public SharedProof? Shared { get; set; }

        public Func<SharedProof?> OnNewest { get; set; } = () => null;

        public List<string> Words { get; } = [];

        public Task<bool> TryTakeTurnAsync(CancellationToken cancellationToken)
        {
            Turns++;
            OnAsked();
            return SayAsync("take", !IsBusy);
        }

        public Task RenewTurnAsync(CancellationToken cancellationToken) => SayAsync("renew", true);

        public Task EndTurnAsync(CancellationToken cancellationToken) => SayAsync("end", true);

        public Task<SharedProof?> NewestAsync(string build, CancellationToken cancellationToken) =>
            Task.FromResult(OnNewest() ?? Shared);

        private Task<bool> SayAsync(string word, bool answer)
        {
            Words.Add(word);
            return Task.FromResult(answer);
        }
    }
}
