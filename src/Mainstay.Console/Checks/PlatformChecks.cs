using System.Collections.Immutable;
using System.Globalization;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Checks;

/// <summary>Judges what was read of a platform of ours. Pure.</summary>
public static class PlatformChecks
{
    public static ImmutableArray<CheckCategory> Judge(PlatformFacts facts) =>
    [
        new("parts", [.. facts.Signals.Parts.Select(part => OfPart(part, facts.Signals))]),
        new("signals", OfSignals(facts.Signals)),
        new("heartbeat", OfHops(facts.Signals.Hops)),
        new("restart-safety", [.. facts.Proofs.Select(OfProof)]),
        new("store", [OfStore(facts.Store)]),
        new("disk", [OfDisk(facts.Disk)]),
    ];

    private static Check OfPart(PlatformPart part, SignalReport report)
    {
        var description = $"{part.Subject} says how it is";
        return report.Unknown.FirstOrDefault(unknown => unknown.Subject == part.Subject) is { } silent
            ? Check.Not(CheckResult.Error, description, "look at its log; its agent should have started it",
                silent.Reason)
            : Check.Ok(description);
    }

    private static ImmutableArray<Check> OfSignals(SignalReport report)
    {
        if (report.Roots.IsEmpty)
        {
            return [Check.Ok("no signal holds")];
        }

        return
        [
            .. report.Roots.Select(root => Check.Not(
                root.Severity == Severity.Info ? CheckResult.Warning : CheckResult.Error,
                $"no {root.Row.Definition.Name} holds",
                root.Row.Definition.Advice,
                [root.Row.First.Reading.Summary, .. root.Explains.Select(row => $"explains {row.Title}")])),
        ];
    }

    private static ImmutableArray<Check> OfHops(ImmutableArray<Hop> hops)
    {
        if (hops.IsEmpty)
        {
            const string Description = "the heartbeat reaches every hop";
            return [Check.Not(CheckResult.Unknown, Description, "see which parts are silent",
                "no hop told what it saw")];
        }

        var newest = hops.Max(hop => hop.Sequence);
        return [.. hops.Select(hop => OfHop(hop, newest))];
    }

    private static Check OfHop(Hop hop, long newest)
    {
        var description = $"the heartbeat reaches {hop.Name}";
        var lag = newest - hop.Sequence;
        return hop.Age is { } age && age <= Limits.HeartbeatFresh && lag <= Limits.HeartbeatFresh.TotalSeconds
            ? Check.Ok(description, Invariant($"sequence {hop.Sequence}, {age.TotalSeconds:0.0} s ago"))
            : Check.Not(
                CheckResult.Error,
                description,
                hop.Via.Length > 0 ? $"look at {hop.Via} first: the first hop that lags is the stale one"
                    : "see its signals",
                hop.Age is { } old
                    ? Invariant($"sequence {hop.Sequence}, {lag} behind, {old.TotalSeconds:0.0} s ago")
                    : "it never saw it advance");
    }

    private static Check OfProof(PartProof proof)
    {
        var description = $"{proof.Part.Subject} could be restarted now";
        var age = proof.Age is { } span ? Invariant($"proven {SignalReportText.Span(span)} ago") : "never proven";
        return proof.Result switch
        {
            "safe" => Check.Ok(description, age),
            "unsafe" => Check.Not(
                CheckResult.Error, description, "do not restart it; repair what the proof names",
                    $"{proof.Reason} ({age})"),
            "unproven" => Check.Not(
                CheckResult.Warning, description, "wait for a proof, or ask for one by 'mainstay restart PART --plan'",
                proof.Reason.Length > 0 ? proof.Reason : age),
            _ => Check.Not(CheckResult.Unknown, description, "see whether the part answers", proof.Reason),
        };
    }

    private static Check OfStore(StoreView store)
    {
        const string Description = "the store has a quorum, and some to spare";
        if (store.Fault.Length > 0 || store.Members.IsEmpty)
        {
            return Check.Not(
                CheckResult.Unknown, Description, "see which API server answers",
                store.Fault.Length > 0 ? store.Fault : "no member is known");
        }

        var silent = store.Members.Where(member => !member.Answers)
            .Select(member => $"{member.Name} does not answer: {member.Reason}");
        var answering = store.Members.Count(member => member.Answers);
        var found = Invariant($"{answering} of {store.Members.Length} answer, {store.Quorum} are needed");
        return store.Spare switch
        {
            < 0 => Check.Not(CheckResult.Error, Description, "bring members back", [found, .. silent]),
            0 when store.Members.Length > 1 => Check.Not(
                CheckResult.Error, Description, "bring members back: the next loss stops all writes", [found,
                    .. silent]),
            _ when silent.Any() => Check.Not(
                CheckResult.Warning, Description, "start it again or replace it", [found, .. silent]),
            0 => Check.Ok(Description, "one member, which is all it has"),
            _ => Check.Ok(Description, $"{found}; can lose {store.Spare} more"),
        };
    }

    private static Check OfDisk(DiskSpace? disk)
    {
        const string Description = "the disk of the data folder has space";
        if (disk is null)
        {
            return Check.Not(CheckResult.Unknown, Description, "name the folder by --data", "it could not be read");
        }

        var free = Invariant(
            $"{disk.FreeBytes / 1e9:0.0} GB of {disk.SizeBytes / 1e9:0.0} GB are free in {disk.Folder}");
        return disk.FreeBytes switch
        {
            < Limits.DiskFreeBad => Check.Not(
                CheckResult.Error, Description, "free some: the store refuses writes", free),
            < Limits.DiskFreeLow => Check.Not(CheckResult.Warning, Description, "free some soon", free),
            _ => Check.Ok(Description, free),
        };
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
