using Mainstay.Conformance.Platform;
using Mainstay.Etcd;

namespace Mainstay.Conformance.Store.Members;

/// <summary>The client while Debian's etcd has no majority: refused in time and in words, and back by itself.</summary>
public sealed class EtcdWithoutQuorumTests
{
    [Fact]
    public async Task Without_a_quorum_calls_fail_within_their_deadline_and_go_on_when_it_is_back()
    {
        using var cluster = await DebianCluster.StartAsync(3);
        using var client = DebianCluster.Client([.. cluster.Members]);

        var load = await LoadUnderWatch.DuringAsync(client, async running =>
        {
            await running.GoesOnAsync();
            var others = cluster.Members.Where(member => member.Client != client.CurrentEndpoint).ToList();
            await Task.WhenAll(others.Select(member => member.PauseAsync()));
            await Eventually.HoldsAsync(() => running.Failed.Any(fault => fault.Error == EtcdErrors.NoLeader));
            await Eventually.HoldsAsync(() => !client.View().Members.Any(member => member.KnowsLeader));
            await Task.WhenAll(others.Select(member => member.ResumeAsync()));
            await running.GoesOnAsync();
            await running.WatchCatchesUpAsync();
        });

        Assert.Contains(load.Failed, fault => fault is { MayHaveHappened: false, Error: not null });
    }
}
