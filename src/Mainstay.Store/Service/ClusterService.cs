using Grpc.Core;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Store.Service;

/// <param name="ClientUrl">the address that clients reach it by</param>
internal sealed record StoreAddress(string ClientUrl);

/// <summary>One member, now and always.</summary>
internal sealed class ClusterService(StoreEngine engine, ResponseHeaders headers, StoreAddress address)
    : Cluster.ClusterBase
{
    public override Task<MemberListResponse> MemberList(MemberListRequest request, ServerCallContext context)
    {
        var member = new Member
        {
            ID = headers.Identity.MemberId,
            Name = StoreHost.MemberName,
            ClientURLs = { address.ClientUrl },
        };
        return Task.FromResult(
            new MemberListResponse { Header = headers.At(engine.View.Revision), Members = { member } });
    }

    public override Task<MemberAddResponse> MemberAdd(MemberAddRequest request, ServerCallContext context) =>
        throw Rpc.NotACluster("adding a member");

    public override Task<MemberRemoveResponse> MemberRemove(MemberRemoveRequest request, ServerCallContext context) =>
        throw Rpc.NotACluster("removing a member");

    public override Task<MemberUpdateResponse> MemberUpdate(MemberUpdateRequest request, ServerCallContext context) =>
        throw Rpc.NotACluster("changing a member");

    public override Task<MemberPromoteResponse> MemberPromote(
        MemberPromoteRequest request, ServerCallContext context) =>
        throw Rpc.NotACluster("promoting a member");
}
