using System.Collections.Immutable;
using System.Globalization;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Signals;

/// <summary>A part of which nothing is known now.</summary>
/// <param name="Subject">which</param>
/// <param name="HeardAt">when it last answered us; null: never</param>
/// <param name="Reason">why it is not known</param>
/// <param name="LastSaid">the signals that it had when it was last heard</param>
public sealed record UnknownPart(
    string Subject, DateTimeOffset? HeardAt, string Reason, ImmutableArray<string> LastSaid);

/// <summary>
/// What the silence of parts means. A part that answered a moment ago and not now keeps its last word for
/// <paramref name="grace"/>; after that it is a signal of ours, and its own signals are unknown:
/// <code>
///     10:00:00  router/node-1 answers         its signals count
///     10:00:01  refused                       its signals of 10:00:00 count
///     10:00:04  refused                       router-down since 10:00:01; what it last said is unknown
/// </code>
/// A refusal proves that the process is gone; a deadline does not, so that for an agent the age of its node's Lease
/// must agree. Not thread safe: its owner takes turns.
/// </summary>
internal sealed class SilenceBook(TimeSpan grace)
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public void Take(PlatformMap map, IEnumerable<PartAnswer> answers, DateTimeOffset now)
    {
        foreach (var answer in answers)
        {
            var key = answer.Part.Subject;
            var known = _entries.GetValueOrDefault(key) ?? new Entry(answer, null, null, now);
            var speaks = answer.Kind is AnswerKind.Answered or AnswerKind.NotReady;
            _entries[key] = known with
            {
                Last = answer,
                Report = speaks ? answer.Report : known.Report,
                HeardAt = answer.IsAlive ? now : known.HeardAt,
                FaultSince = answer.Kind == AnswerKind.Answered ? null : known.FaultSince ?? now,
            };
        }

        var wanted = map.Parts.Select(part => part.Subject).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _entries.Keys.Where(key => !wanted.Contains(key)).ToList())
        {
            _entries.Remove(gone);
        }
    }

    /// <summary>What parts say, for as long as their word counts.</summary>
    public ImmutableArray<SignalsReport> Reports(DateTimeOffset now) =>
    [
        .. Ordered.Where(entry => entry.Last.Kind == AnswerKind.NotReady || !IsOver(entry, now))
            .Select(entry => entry.Report).OfType<SignalsReport>(),
    ];

    public ImmutableArray<UnknownPart> Unknown(DateTimeOffset now) =>
    [
        .. Ordered.Where(entry => IsOver(entry, now) && entry.Last.Kind != AnswerKind.NotReady)
            .Select(entry => new UnknownPart(
                entry.Last.Part.Subject,
                entry.HeardAt,
                entry.Last.Detail,
                [.. entry.Report?.Signals.Select(signal => signal.Name).Distinct() ?? []])),
    ];

    /// <summary>The signals that follow from silence, by definition and subject.</summary>
    public IEnumerable<(SignalDefinition Definition, string Subject, SignalReading Reading)> Judge(
        PlatformMap map, DateTimeOffset now)
    {
        foreach (var entry in Ordered.Where(entry => IsOver(entry, now)))
        {
            if (entry.Last.Part.Kind != PartKind.Store)
            {
                var (definition, subject) = MeaningOf(entry.Last, map);
                var reading = Reading(entry, now);

                // Nobody listens on its port: that is not because something else is down.
                var ownFault = entry.Last is { Kind: AnswerKind.Refused, Part.Kind: PartKind.Agent };
                yield return (definition, subject, ownFault ? reading with { CausedBy = [subject] } : reading);
            }
        }

        foreach (var found in JudgeStore(now))
        {
            yield return found;
        }
    }

    private IEnumerable<Entry> Ordered =>
        _entries.Values.OrderBy(entry => entry.Last.Part.Subject, StringComparer.Ordinal);

    private static (SignalDefinition Definition, string Subject) MeaningOf(PartAnswer answer, PlatformMap map)
    {
        var part = answer.Part;
        var late = map.LeaseAges.TryGetValue(part.Instance, out var age) && age >= Limits.LeaseLate;
        return part.Kind switch
        {
            PartKind.Api when answer.Kind != AnswerKind.Denied => (SignalCatalog.ApiServerDown, part.Subject),
            PartKind.Router when answer.Kind == AnswerKind.Refused => (SignalCatalog.RouterDown, part.Subject),
            PartKind.Agent when answer.Kind == AnswerKind.Refused || late =>
                (SignalCatalog.NodeAgentLost, $"node/{part.Instance}"),
            _ => (SignalCatalog.PartSilent, part.Subject),
        };
    }

    /// <summary>
    /// One healthy member proves a quorum, as its answer is made by one. Members that are silent are named; where none
    /// is healthy, the quorum is lost as far as can be seen from here.
    /// </summary>
    private IEnumerable<(SignalDefinition Definition, string Subject, SignalReading Reading)> JudgeStore(
        DateTimeOffset now)
    {
        var members = Ordered.Where(entry => entry.Last.Part.Kind == PartKind.Store).ToList();
        var ill = members.Where(entry => IsOver(entry, now)).ToList();
        if (members.Count > 0 && ill.Count == members.Count)
        {
            var told = ill.Select(entry => $"{entry.Last.Part.Subject}: {entry.Last.Detail}");
            yield return (SignalCatalog.NoQuorum, "store", new SignalReading(
                members.Count == 1
                    ? $"The store is not healthy: {ill[0].Last.Detail}."
                    : $"None of the {members.Count} members of the store is healthy ({string.Join("; ", told)}).")
            {
                Evidence = [new("members", Text(members.Count)), new("healthy", "0")],
            });
        }

        foreach (var entry in ill.Where(entry => members.Count > 1 && entry.Last.Kind != AnswerKind.NotReady))
        {
            var definition = entry.Last.Kind == AnswerKind.Mute
                ? SignalCatalog.StoreMemberMute
                : SignalCatalog.StoreMemberDown;
            yield return (definition, entry.Last.Part.Subject, Reading(entry, now));
        }
    }

    private static SignalReading Reading(Entry entry, DateTimeOffset now)
    {
        var last = entry.Last;
        var heard = entry.HeardAt is { } at ? $"last heard {Text((now - at).TotalSeconds)} s ago" : "never heard";
        var evidence = new List<Evidence> { new("address", last.Part.Address.ToString().TrimEnd('/')) };
        if (entry.HeardAt is { } when)
        {
            evidence.Add(new Evidence("heardSecondsAgo", Text((now - when).TotalSeconds)));
        }

        evidence.Add(new Evidence("answer", last.Kind.ToString().ToLowerInvariant()));
        return new SignalReading($"{last.Part.Subject} {Verb(last.Kind)} ({last.Detail}); {heard}.")
        {
            Evidence = [.. evidence],
        };
    }

    private static string Verb(AnswerKind kind) => kind switch
    {
        AnswerKind.NotReady => "answers that it is not ready",
        AnswerKind.Refused => "is not there",
        AnswerKind.Mute => "holds its tongue",
        AnswerKind.Denied => "does not let us see",
        _ => "answers something else",
    };

    private static string Text(double number) => Math.Round(number, 1).ToString(CultureInfo.InvariantCulture);

    private bool IsOver(Entry entry, DateTimeOffset now) =>
        entry.FaultSince is { } since && now - since >= grace;

    /// <param name="Last">the last answer</param>
    /// <param name="Report">what it last said of itself</param>
    /// <param name="HeardAt">when it last lived</param>
    /// <param name="FaultSince">since when it has not answered as it should; null while it does</param>
    private sealed record Entry(
        PartAnswer Last, SignalsReport? Report, DateTimeOffset? HeardAt, DateTimeOffset? FaultSince);
}
