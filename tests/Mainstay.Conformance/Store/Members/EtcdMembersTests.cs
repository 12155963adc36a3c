using Mainstay.Conformance.Platform;
using Mainstay.Etcd;

namespace Mainstay.Conformance.Store.Members;

/// <summary>
/// The client over a cluster of Debian's etcd whose members come, go, stop and die, while writes and a watch run: the
/// reconfigurations after which a client of 2017 timed out for ever (kubernetes#47131) or lost all (kubernetes#64742).
/// </summary>
public sealed class EtcdMembersTests
{
    [Fact]
    public async Task Three_members_grow_to_nine_and_the_first_three_go_under_a_client_that_knew_only_these()
    {
        using var cluster = await DebianCluster.StartAsync(3);
        var first = cluster.Members.ToArray();
        using var client = DebianCluster.Client(first);
        var changes = new List<string>();
        client.MembershipChanged += change => changes.Add(change.What);

        var load = await LoadUnderWatch.DuringAsync(client, async running =>
        {
            using var operatorsClient = DebianCluster.Client(first);
            while (cluster.Members.Count < 9)
            {
                await cluster.AddAsync(operatorsClient);
            }

            await running.GoesOnAsync();
            foreach (var member in first)
            {
                await cluster.RemoveAsync(operatorsClient, member);
                await running.GoesOnAsync();
            }

            await Eventually.HoldsAsync(() => client.View().Members.Length == 6);
            await running.GoesOnAsync();
        });

        var view = client.View();
        Assert.Equal(cluster.Members.Select(member => member.Name), view.Members.Select(member => member.Name));
        Assert.Equal((4, 6), (view.Quorum, view.Answering));
        Assert.Contains(view.CurrentEndpoint, cluster.Members.Select(member => member.Client));
        var configured = view.Endpoints.Where(endpoint => endpoint.IsConfigured).ToList();
        Assert.Equal(first.Select(member => member.Client), configured.Select(endpoint => endpoint.Address));
        Assert.All(configured, endpoint => Assert.Equal(EndpointState.Removed, endpoint.State));
        Assert.Contains(changes, change => change.Contains("etcd-8", StringComparison.Ordinal));
        Assert.Contains(changes, change => change.Contains("removed etcd-", StringComparison.Ordinal));
        Assert.All(load.Failed, fault => Assert.True(fault.MayHaveHappened, fault.Message));
    }

    [Fact]
    public async Task A_zone_and_one_member_more_may_die_and_the_member_in_use_may_stop_answering()
    {
        using var cluster = await DebianCluster.StartAsync(9);
        using var client = DebianCluster.Client([.. cluster.Members.Take(3)]);

        await LoadUnderWatch.DuringAsync(client, async running =>
        {
            await running.GoesOnAsync();
            var paused = cluster.At(client.CurrentEndpoint);
            await paused.PauseAsync(); // calls and the watch wait there
            await running.GoesOnAsync();
            await running.WatchCatchesUpAsync();
            Assert.NotEqual(paused.Client, client.CurrentEndpoint);
            await Eventually.HoldsAsync(() => Of(client, paused).IsMute);
            Assert.Contains(paused.Client.Authority, running.WatchFault, StringComparison.Ordinal);
            await paused.ResumeAsync();
            await Eventually.HoldsAsync(() => Of(client, paused).Answers);

            var inUse = cluster.At(client.CurrentEndpoint);
            var zone = cluster.Members.Where(member => member.Zone == inUse.Zone).ToList();
            var oneMore = cluster.Members.First(member => member.Zone != inUse.Zone);
            await Task.WhenAll(zone.Append(oneMore).Select(member => member.KillAsync()));
            await running.GoesOnAsync();
            await running.WatchCatchesUpAsync();
            await Eventually.HoldsAsync(() => client.View().Answering == 5);
            Assert.Equal(5, client.View().Quorum);
        });
    }

    private static ClusterMember Of(EtcdClient client, DebianMember member) =>
        client.View().Members.Single(one => one.Name == member.Name);
}
