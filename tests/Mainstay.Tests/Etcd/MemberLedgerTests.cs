using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Etcd;

public sealed class MemberLedgerTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemberLedger _ledger;

    public MemberLedgerTests()
    {
        _ledger = new MemberLedger(_time);
    }

    [Fact]
    public void The_first_list_is_no_change_and_the_same_list_again_is_none()
    {
        _ledger.Listed([Member(1), Member(2)]);
        Assert.Null(_ledger.Settle([]));
        _ledger.Listed([Member(2), Member(1)]);

        Assert.Null(_ledger.Settle([]));
        Assert.Null(_ledger.ChangedAt);
    }

    [Fact]
    public void What_came_and_went_is_told_in_words_with_its_time()
    {
        _ledger.Listed([Member(1), Member(2)]);
        _ledger.Settle([]);
        _ledger.Listed([Member(2), Member(3), Member(10)]);

        var change = _ledger.Settle([]);

        Assert.Equal("added etcd-10, etcd-3; removed etcd-1", change?.What);
        Assert.Equal(_time.GetUtcNow(), _ledger.ChangedAt);
        Assert.Equal(["etcd-2", "etcd-3", "etcd-10"], _ledger.Members.Select(member => member.Name));
    }

    [Fact]
    public void A_promotion_and_a_move_are_changes_too()
    {
        _ledger.Listed([Member(1), Member(2, isLearner: true)]);
        _ledger.Settle([]);
        var moved = Member(1);
        moved.ClientURLs[0] = "http://elsewhere:2379";
        _ledger.Listed([moved, Member(2)]);

        Assert.Equal("etcd-1 is now at http://elsewhere:2379; promoted etcd-2", _ledger.Settle([])?.What);
    }

    [Fact]
    public void A_new_version_of_a_member_is_a_change_and_its_silence_is_none()
    {
        using var endpoint = new Endpoint(new Uri("http://m1:2379"), true, new EtcdClientOptions { Endpoints = [] });
        _ledger.Listed([Member(1)]);
        endpoint.Health = At("3.4.23");
        _ledger.Settle([endpoint]);
        Assert.Null(_ledger.Settle([]));

        endpoint.Health = At("3.5.0");

        Assert.Equal("etcd-1 is now 3.5.0, was 3.4.23", _ledger.Settle([endpoint])?.What);
    }

    [Fact]
    public void A_list_that_failed_leaves_the_last_one_in_use()
    {
        _ledger.Listed([Member(1)]);

        _ledger.Failed("no leader");

        Assert.True(_ledger.Has(1));
        Assert.Equal("no leader", _ledger.Fault);
    }

    private static Member Member(ulong id, bool isLearner = false) => new()
    {
        ID = id, Name = $"etcd-{id}", ClientURLs = { $"http://m{id}:2379" }, IsLearner = isLearner,
    };

    private static EndpointHealth At(string version) => new(
        EndpointState.Answers,
        "",
        0,
        1,
        new StatusResponse { Version = version, Header = new ResponseHeader { MemberId = 1 } });
}
