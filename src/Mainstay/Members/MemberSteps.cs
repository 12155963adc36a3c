using System.Globalization;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Etcd;
using Mainstay.Restarts;
using Mainstay.Up;

namespace Mainstay.Members;

/// <summary>
/// What is done to one member, step by step. A step that etcd answers with "not now" (no leader for a moment, members
/// that met less than five seconds ago, a learner that lags) is tried again until its deadline.
/// </summary>
internal sealed class MemberSteps(LocalPlatform platform, StoreEye eye)
{
    /// <summary>
    /// etcd takes a change of its members only when they have been connected for five seconds; an election takes one.
    /// </summary>
    private static readonly TimeSpan StepDeadline = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(300);

    /// <summary>Learners are of 3.4; an older cluster takes the member with its vote at once.</summary>
    private static readonly Version LearnersSince = new(3, 4);

    public StoreEye Eye => eye;

    public LocalPlatform Platform => platform;

    public MemberBook Book => MemberBook.Read(platform.Data)
        ?? throw new ActionException($"{platform.Data.EtcdMembers} is gone");

    /// <summary>Announces it, starts it by its node's agent, waits until it has caught up, gives it its vote.</summary>
    public async Task AddAsync(BookedMember member, IActionTeller tell, CancellationToken cancellationToken)
    {
        var unit = $"store/{member.Name}";
        var sight = await eye.LookAsync(cancellationToken);
        var asLearner = sight.View.Members.All(one =>
            Version.TryParse(one.Version, out var version) && version >= LearnersSince);
        platform.WriteBook(Book.With(member));
        var peer = new Uri($"http://{member.Peer}");
        await TryAsync(
            $"{unit} could not be announced",
            async () =>
            {
                if (!await IsListedAsync(member, cancellationToken))
                {
                    await eye.Client.Cluster.AddAsync(peer, asLearner, cancellationToken);
                }
            },
            cancellationToken);
        tell.Tell(unit, "announced", asLearner ? "as a learner, without a vote" : "with a vote: learners are of 3.4");
        WriteManifest(member);
        tell.Tell(unit, "started", $"static pod {member.Name} on {member.Node}");
        await TryAsync(
            $"{unit} did not catch up",
            async () => await PromoteAsync(member, asLearner, cancellationToken),
            cancellationToken);
        tell.Tell(unit, "votes", (await eye.LookAsync(cancellationToken)).Budget.Sentence);
    }

    /// <summary>Hands on its lead, removes it, stops its process.</summary>
    public async Task RemoveAsync(string name, IActionTeller tell, CancellationToken cancellationToken)
    {
        var unit = $"store/{name}";
        var booked = Book.Present.FirstOrDefault(member => member.Name == name);
        await TryAsync(
            $"{unit} could not be removed",
            async () => await RemoveOnceAsync(name, tell, cancellationToken),
            cancellationToken);
        tell.Tell(unit, "removed", (await eye.LookAsync(cancellationToken)).Budget.Sentence);
        if (booked is not null)
        {
            platform.WriteBook(Book.WithRemoved(name));
            File.Delete(ManifestOf(booked));
            tell.Tell(unit, "stopped", $"its static pod on {booked.Node} is taken away; its data stays on disk");
        }
    }

    /// <summary>Takes a new member back that never got its vote.</summary>
    public async Task<string> TakeBackAsync(BookedMember member, CancellationToken cancellationToken)
    {
        var sight = await eye.LookAsync(cancellationToken);
        var found = Find(sight, member);
        if (found is { IsLearner: false } && found.Name.Length > 0)
        {
            return ""; // it votes: to take it away is an action of its own, with its own guard
        }

        if (found is not null)
        {
            await TryAsync(
                $"{member.Name} could not be taken back",
                () => eye.Client.Cluster.RemoveAsync(found.Id, cancellationToken),
                cancellationToken);
        }

        platform.WriteBook(Book.WithRemoved(member.Name));
        File.Delete(ManifestOf(member));
        return $"{member.Name} is taken back: it had no vote yet";
    }

    private async Task PromoteAsync(BookedMember member, bool asLearner, CancellationToken cancellationToken)
    {
        var found = Find(await eye.LookAsync(cancellationToken), member);
        if (found is not { Answers: true } || found.Name.Length == 0)
        {
            throw new ActionException($"it does not answer yet: {found?.Reason ?? "it is not in the list"}");
        }

        if (asLearner && found.IsLearner)
        {
            await eye.Client.Cluster.PromoteAsync(found.Id, cancellationToken);
        }
        else if (!found.KnowsLeader)
        {
            throw new ActionException("it knows no leader yet");
        }
    }

    private async Task RemoveOnceAsync(string name, IActionTeller tell, CancellationToken cancellationToken)
    {
        var sight = await eye.LookAsync(cancellationToken);
        if (sight.View.ListFault.Length > 0)
        {
            throw new ActionException(sight.View.ListFault);
        }

        if (sight.View.Members.FirstOrDefault(member => MembersText.Name(member) == name) is not { } target)
        {
            return; // removed, by this try or by the one before it
        }

        if (target.IsLeader)
        {
            var heir = sight.View.Members
                .Where(member => member is { KnowsLeader: true, IsLearner: false } && member.Id != target.Id)
                .OrderBy(member => sight.ZoneOf(member) == sight.ZoneOf(target) ? 1 : 0)
                .ThenByDescending(member => member.AppliedIndex).First();
            await eye.Client.Cluster.MoveLeaderAsync(new Uri(target.ClientUrls[0]), heir.Id, cancellationToken);
            tell.Tell($"store/{name}", "lead", $"handed on to {heir.Name}");
        }

        await eye.Client.Cluster.RemoveAsync(target.Id, cancellationToken);
    }

    /// <summary>Tries until it succeeds, is refused for good, or the time is up.</summary>
    private async Task TryAsync(string what, Func<Task> step, CancellationToken cancellationToken)
    {
        var began = platform.Time.GetTimestamp();
        while (true)
        {
            try
            {
                await step();
                return;
            }
            catch (Exception fault) when (fault is EtcdException or ActionException)
            {
                var isFinal = fault is EtcdException { Error: { } error }
                    && (error == EtcdErrors.PeerUrlExists || error == EtcdErrors.MemberExists);
                if (isFinal || platform.Time.GetElapsedTime(began) > StepDeadline)
                {
                    throw new ActionException(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{what}, after {platform.Time.GetElapsedTime(began).TotalSeconds:0} s: {fault.Message}"));
                }
            }

            await Task.Delay(Pace, platform.Time, cancellationToken);
        }
    }

    private async Task<bool> IsListedAsync(BookedMember member, CancellationToken cancellationToken) =>
        Find(await eye.LookAsync(cancellationToken), member) is not null;

    private static ClusterMember? Find(StoreSight sight, BookedMember member) =>
        sight.View.Members.FirstOrDefault(one => one.PeerUrls.Contains($"http://{member.Peer}"));

    private void WriteManifest(BookedMember member)
    {
        var cluster = Book.Present.Select(other => (other.Name, other.Peer));
        StaticPods.WriteManifest(
            ManifestOf(member), StaticPods.Etcd(platform.Data, member.ToPlan(), cluster, alsoListen: ""));
    }

    private string ManifestOf(BookedMember member) =>
        Path.Combine(platform.Data.Manifests(member.Node), $"{member.Name}.yaml");
}
