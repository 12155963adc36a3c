namespace Mainstay.Router.Discovery.Freshness;

/// <summary>
/// Decides whether the watch of the slices is fresh, by the heartbeat in it; no I/O, no clock of its own.
/// <code>
///     0 s    the watch brings 41                             Fresh
///     4 s    nothing since: Ask, every API server            Fresh
///     4.1 s  another server says 45; the watch has 1 s more  Fresh
///     5.1 s  still 41: Leave                                 Stale, the hop is the server of the watch
///     5.3 s  the list from another server brings 46          Stale
///     6 s    its watch brings 47                             Fresh
/// </code>
/// When all that answer say 41, the writer is dead: nothing is left, nothing is stale. When nobody answers a quorum
/// read there is nowhere better to go: the signal is there, the watch stays. A server that lags without being silent
/// is found by the beats that are missing. One owner: not thread safe. Times are since the owner's start.
/// </summary>
internal sealed class FreshnessCore(FreshnessOptions options)
{
    private readonly List<QuorumAnswer> _answers = [];
    private bool _isAsking;
    private int _outstanding;
    private int _rounds;
    private TimeSpan? _askedAt;
    private Target? _confirming;
    private readonly Dictionary<Uri, TimeSpan> _leftAt = [];
    private TimeSpan _settleUntil;
    private int _leaves;
    private long _target = long.MinValue;

    /// <summary>The most that a beat was ahead of the clock: sequence less seconds.</summary>
    private double _lead = double.NegativeInfinity;

    public FreshnessState State { get; private set; } = FreshnessState.Fresh;

    /// <summary>The last sequence that the watch, or a list, brought; -1 for none.</summary>
    public long Seen { get; private set; } = -1;

    /// <summary>When it last advanced; the start, as long as it never did.</summary>
    public TimeSpan AdvancedAt { get; private set; }

    /// <summary>The newest sequence in the store that a quorum read told; -1 for none.</summary>
    public long InStore { get; private set; } = -1;

    /// <summary>Why the state is not fresh; empty when it is.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>The server of the watch when the last question was asked: whom a doubt is about.</summary>
    public Uri? AskedOf { get; private set; }

    /// <summary>
    /// Where to go on a <see cref="FreshnessAction.Leave"/>: of the others that answered, the one that was left longest
    /// ago, for a mute server answers quorum reads as well; null for any other.
    /// </summary>
    public Uri? Next { get; private set; }

    /// <summary>The heartbeat came.</summary>
    /// <param name="sequence">its sequence</param>
    /// <param name="byWatch">whether by the watch; a list says nothing of the watch</param>
    /// <param name="now">when</param>
    public void Heard(long sequence, bool byWatch, TimeSpan now)
    {
        if (sequence <= Seen)
        {
            return;
        }

        Seen = sequence;
        AdvancedAt = now;
        _lead = Math.Max(_lead, sequence - now.TotalSeconds);
        var isCurrent = State == FreshnessState.WriterDead || (sequence > _target && !IsBehind(now));
        if (byWatch && isCurrent)
        {
            BecomeFresh();
        }
    }

    /// <summary>An answer to the last <see cref="FreshnessAction.Ask"/>, or that there is none.</summary>
    public void Answered(QuorumAnswer answer, TimeSpan now)
    {
        _outstanding--;
        if (!_isAsking)
        {
            // Late: its round is over.
            return;
        }

        _answers.Add(answer);
        if (answer.Sequence is { } sequence && sequence > Seen && sequence > (_confirming?.Sequence ?? -1))
        {
            InStore = sequence;
            _lead = Math.Max(_lead, sequence - now.TotalSeconds);
            _confirming = new Target(sequence, _confirming?.Until ?? now + options.ConfirmFor);
        }
    }

    /// <summary>To be called some times a second.</summary>
    public FreshnessAction Tick(in FreshnessLook look)
    {
        if ((_isAsking || _confirming is not null) && look.IsWatching && AskedOf != look.Server)
        {
            // The watch has gone elsewhere meanwhile: the answers say nothing of the server it listens to now.
            EndRound();
        }

        if (_confirming is { } target)
        {
            return Confirm(target, look);
        }

        if (_isAsking)
        {
            return _outstanding > 0 ? FreshnessAction.None : Judge(look);
        }

        var pause = options.AskAgainAfter * Math.Min(Math.Max(1, _rounds), options.AskAgainGrowthMax);
        var mayAsk = _askedAt is not { } askedAt || look.Now - askedAt >= pause;
        if (!mayAsk || _outstanding > 0 || !(IsSilent(look.Now) || IsBehind(look.Now)))
        {
            return FreshnessAction.None;
        }

        (_askedAt, AskedOf) = (look.Now, look.Server);
        _isAsking = true;
        _outstanding = look.ServersAsked;
        _rounds++;
        _answers.Clear();
        return FreshnessAction.Ask;
    }

    private bool IsSilent(TimeSpan now) => now - AdvancedAt >= options.SilentAfter;

    private bool IsBehind(TimeSpan now) => Seen >= 0 && now.TotalSeconds + _lead - Seen >= options.BeatsBehindMax;

    private FreshnessAction Confirm(Target target, in FreshnessLook look)
    {
        if (Seen >= target.Sequence)
        {
            // It was on its way, and what the store had is the new measure of what is missing.
            _lead = Seen - look.Now.TotalSeconds;
            EndRound();
            return FreshnessAction.None;
        }

        if (look.Now < target.Until)
        {
            return FreshnessAction.None;
        }

        var by = _answers.Find(answer => answer.Sequence == target.Sequence)?.Server;
        ChooseNext(look.Server);
        EndRound();
        _target = target.Sequence;
        BecomeStale($"its watch is at {Seen} while the store is at {target.Sequence} by a quorum read from {by}");
        return LeaveOrStay(look);
    }

    /// <summary>All have answered, and nobody knows more than the watch brought.</summary>
    private FreshnessAction Judge(in FreshnessLook look)
    {
        var server = look.Server;
        var answered = _answers.Where(answer => answer.IsAnswered).ToArray();
        var own = _answers.Find(answer => answer.Server == server);
        var best = answered.Max(answer => answer.Sequence) ?? -1;
        ChooseNext(server);
        var reasons = string.Join("; ", _answers.Where(a => !a.IsAnswered).Select(a => $"{a.Server}: {a.Reason}"));
        EndRound();
        if (answered.Length == 0)
        {
            _target = Seen;
            BecomeStale($"no API server answers a quorum read ({reasons})");
            return FreshnessAction.None;
        }

        if (own is { IsAnswered: false })
        {
            _target = Seen;
            BecomeStale($"it does not answer a quorum read ({own.Reason})");
            return LeaveOrStay(look);
        }

        if (best < Seen && IsSilent(look.Now))
        {
            // The object was made anew by somebody who did not know how far it was. Without silence the answer is only
            // older than a beat that came meanwhile.
            Seen = best;
        }

        // Where the pace of the writer was slower than its own, this is the new measure of what is missing.
        _lead = Seen - look.Now.TotalSeconds;
        if (IsSilent(look.Now))
        {
            (State, Reason) = (FreshnessState.WriterDead, best < 0
                ? "there is no heartbeat object"
                : $"the store is at {best} too: nobody writes");
            (_target, _leaves) = (long.MinValue, 0);
        }

        return FreshnessAction.None;
    }

    private void BecomeStale(string reason) => (State, Reason) = (FreshnessState.Stale, reason);

    private FreshnessAction LeaveOrStay(in FreshnessLook look)
    {
        // Without an open watch the reflector is on its way to a server already, and a list must not be cut short.
        if (!look.IsWatching || look.Now < _settleUntil)
        {
            return FreshnessAction.None;
        }

        var settle = options.SettleFor * Math.Pow(2, Math.Min(_leaves, 10));
        _settleUntil = look.Now + (settle < options.SettleForMax ? settle : options.SettleForMax);
        _leaves++;
        _leftAt[look.Server] = look.Now;
        return FreshnessAction.Leave;
    }

    private void BecomeFresh()
    {
        (State, Reason) = (FreshnessState.Fresh, "");
        (_target, _leaves, _rounds) = (long.MinValue, 0, 0);
    }

    private void ChooseNext(Uri own) => Next = _answers
        .Where(answer => answer.IsAnswered && answer.Server != own)
        .MinBy(answer => _leftAt.GetValueOrDefault(answer.Server, TimeSpan.MinValue))?.Server;

    private void EndRound()
    {
        (_isAsking, _confirming) = (false, null);
        _answers.Clear();
    }

    private sealed record Target(long Sequence, TimeSpan Until);
}

internal enum FreshnessState
{
    /// <summary>Nothing speaks against it; right after the start this means that it is too early to tell.</summary>
    Fresh,

    /// <summary>The heartbeat stands still in the store itself.</summary>
    WriterDead,

    /// <summary>The table does not follow the store, or nobody can say whether it does.</summary>
    Stale,
}

internal enum FreshnessAction
{
    None,

    /// <summary>Read the heartbeat by quorum from each server; each tells its answer, by the deadline.</summary>
    Ask,

    /// <summary>Leave the server of the watch for another, or for a new connection, and list by quorum.</summary>
    Leave,
}

/// <summary>What the core has to know of the world at a tick.</summary>
/// <param name="Now">since the start</param>
/// <param name="Server">the one that the watch listens to</param>
/// <param name="IsWatching">whether a watch is open, as far as its reader knows</param>
/// <param name="ServersAsked">how many answers an <see cref="FreshnessAction.Ask"/> will bring</param>
internal readonly record struct FreshnessLook(TimeSpan Now, Uri Server, bool IsWatching, int ServersAsked);

/// <summary>What a server said to a quorum read of the heartbeat.</summary>
/// <param name="Server">which</param>
/// <param name="Sequence">-1 when there is no heartbeat; null when it did not answer</param>
/// <param name="Reason">why there is no answer; empty otherwise</param>
internal sealed record QuorumAnswer(Uri Server, long? Sequence, string Reason)
{
    public bool IsAnswered => Sequence is not null;
}
