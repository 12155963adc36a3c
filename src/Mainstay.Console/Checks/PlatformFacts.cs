using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Checks;

/// <summary>What a part's <c>/proof.json</c> says, or why it is not known.</summary>
/// <param name="Part">a router or an agent</param>
/// <param name="Result">safe, unsafe, unproven; empty when it is not known</param>
/// <param name="Age">of the proof; null when there is none</param>
/// <param name="Reason">why not safe, or why not known</param>
public sealed record PartProof(PlatformPart Part, string Result, TimeSpan? Age, string Reason);

/// <summary>One member of the store as an API server sees it.</summary>
public sealed record StoreMember(
    string Name, bool Answers, bool IsLeader, bool IsLearner, string Version, string Reason);

/// <summary>The store as an API server sees it.</summary>
/// <param name="Members">all of the membership</param>
/// <param name="Quorum">how many must answer for a write</param>
/// <param name="Fault">why it is not known; empty when it is</param>
public sealed record StoreView(ImmutableArray<StoreMember> Members, int Quorum, string Fault)
{
    public static StoreView Read(JsonElement json) => new(
        [
            .. json.Items("members").Select(member => new StoreMember(
                member.Text("name") is { Length: > 0 } name ? name : member.Text("id"),
                member.Flag("answers") ?? false,
                member.Flag("isLeader") ?? false,
                member.Flag("isLearner") ?? false,
                member.Text("version"),
                member.Text("reason"))),
        ],
        (int)(json.Number("quorum") ?? 0),
        "");

    /// <summary>Voters that answer beyond those that a quorum needs: how many more may be lost.</summary>
    public int Spare => Members.Count(member => member is { Answers: true, IsLearner: false }) - Quorum;
}

/// <summary>What is read of a platform of ours beside what every cluster has.</summary>
/// <param name="Signals">its signals, roots first</param>
/// <param name="Proofs">of each router and agent</param>
/// <param name="Store">as the first API server that answers sees it</param>
/// <param name="Disk">free bytes and size of the disk of the data folder; null where it is not known</param>
public sealed record PlatformFacts(
    SignalReport Signals, ImmutableArray<PartProof> Proofs, StoreView Store, DiskSpace? Disk);

/// <param name="FreeBytes">for this user</param>
public sealed record DiskSpace(string Folder, long FreeBytes, long SizeBytes);
