using Grpc.Core;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;
using Mainstay.Store.Log;
using Mainstay.Store.Mvcc;

namespace Mainstay.Store.Service;

/// <summary>How the store is, and its one alarm.</summary>
internal sealed class MaintenanceService(
    StoreEngine engine, CommitLoop commits, ResponseHeaders headers) : Maintenance.MaintenanceBase
{
    /// <summary>
    /// The etcd whose behaviour this is: kube-apiserver needs 3.5.13 for consistent reads from its cache.
    /// </summary>
    public const string Version = "3.5.21";

    public override Task<StatusResponse> Status(StatusRequest request, ServerCallContext context)
    {
        var view = engine.View;
        var frames = engine.FramesWritten;
        var status = new StatusResponse
        {
            Header = headers.At(view.Revision),
            Version = Version,
            DbSize = view.Use.Bytes,
            DbSizeInUse = view.Use.Bytes,
            Leader = headers.Identity.MemberId,
            RaftIndex = frames,
            RaftAppliedIndex = frames,
            RaftTerm = ResponseHeaders.Term,
        };
        if (view.Use.IsOutOfSpace)
        {
            status.Errors.Add($"memberID:{headers.Identity.MemberId} alarm:NOSPACE ");
        }

        return Task.FromResult(status);
    }

    public override async Task<AlarmResponse> Alarm(AlarmRequest request, ServerCallContext context)
    {
        var wasRaised = engine.View.Use.IsOutOfSpace;
        if (request.Action != AlarmRequest.Types.AlarmAction.Get && request.Alarm == AlarmType.Nospace)
        {
            var raised = request.Action == AlarmRequest.Types.AlarmAction.Activate;
            await Rpc.WriteAsync(commits, new StoreWrite.SetSpaceAlarm(raised));
        }

        // As etcd: a disarmed alarm is told once more, so that the caller sees what it disarmed.
        var view = engine.View;
        var response = new AlarmResponse { Header = headers.At(view.Revision) };
        if (wasRaised || view.Use.IsOutOfSpace)
        {
            response.Alarms.Add(
                new AlarmMember { MemberID = headers.Identity.MemberId, Alarm = AlarmType.Nospace });
        }

        return response;
    }

    /// <summary>
    /// Memory is given back by compaction itself, and the log by checkpoints: there is nothing left to do.
    /// </summary>
    public override Task<DefragmentResponse> Defragment(DefragmentRequest request, ServerCallContext context) =>
        Task.FromResult(new DefragmentResponse { Header = headers.At(engine.View.Revision) });

    public override Task<HashResponse> Hash(HashRequest request, ServerCallContext context)
    {
        var view = engine.View;
        return Task.FromResult(
            new HashResponse { Header = headers.At(view.Revision), Hash = HashOf(view, view.Revision) });
    }

    public override Task<HashKVResponse> HashKV(HashKVRequest request, ServerCallContext context)
    {
        var view = engine.View;
        Rpc.ThrowIf(RangeReader.Check(ReadPoint.Of(view), new RangeRequest { Revision = request.Revision }));
        return Task.FromResult(new HashKVResponse
        {
            Header = headers.At(view.Revision),
            Hash = HashOf(view, request.Revision > 0 ? request.Revision : view.Revision),
            CompactRevision = view.CompactRevision,
        });
    }

    public override Task Snapshot(
        SnapshotRequest request, IServerStreamWriter<SnapshotResponse> responses, ServerCallContext context) =>
        throw new RpcException(new Status(
            StatusCode.Unimplemented,
            "mainstay store: a snapshot would not be an etcd database file: stop the store and copy its folder"));

    public override Task<MoveLeaderResponse> MoveLeader(MoveLeaderRequest request, ServerCallContext context) =>
        throw Rpc.NotACluster("moving the leader");

    public override Task<DowngradeResponse> Downgrade(DowngradeRequest request, ServerCallContext context) =>
        throw Rpc.NotACluster("a downgrade");

    private static uint HashOf(MvccView view, long revision)
    {
        var crc = Crc32C.Start;
        foreach (var key in KeyTree.All(view.Root))
        {
            if (key.At(revision) is { } version)
            {
                crc = Crc32C.Update(crc, version.Key);
                crc = Crc32C.Update(crc, BitConverter.GetBytes(version.Kv.ModRevision));
                crc = Crc32C.Update(crc, version.Kv.Value.Span);
            }
        }

        return crc;
    }
}
