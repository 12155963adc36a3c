using Mainstay.Kernel;
using Mainstay.Store.Log;
using Mainstay.Store.Mvcc;

namespace Mainstay.Store;

/// <summary>Builds the store from what its files say.</summary>
internal sealed class Replayer : IReplay
{
    public MvccDraft Draft { get; private set; } = MvccDraft.Empty();

    public void Apply(Record record)
    {
        switch (record.KindCase)
        {
            case Record.KindOneofCase.Change:
                Apply(record.Change);
                break;
            case Record.KindOneofCase.LeaseGranted:
                Draft.GrantLease(record.LeaseGranted.Id, record.LeaseGranted.TtlSeconds);
                break;
            case Record.KindOneofCase.Compacted:
                Draft.Compact(record.Compacted.Revision);
                break;
            case Record.KindOneofCase.SpaceAlarm:
                Draft.SetOutOfSpace(record.SpaceAlarm.Raised);
                break;
            case Record.KindOneofCase.CheckpointStart:
                Draft = new MvccDraft(record.CheckpointStart.Floor, record.CheckpointStart.CompactRevision);
                break;
            case Record.KindOneofCase.CheckpointKeys:
                foreach (var kv in record.CheckpointKeys.Kvs)
                {
                    Draft.Load(kv);
                }

                break;
            case Record.KindOneofCase.CheckpointFloor:
                Draft.LoadFloor(record.CheckpointFloor.Events);
                break;
            case Record.KindOneofCase.CheckpointEnd:
                Check(record.CheckpointEnd);
                break;
            default:
                throw new StartException(
                    "the store's files hold records that this version does not know",
                    "start the version that wrote them, or a newer one");
        }
    }

    private void Apply(Change change)
    {
        foreach (var one in change.Events)
        {
            Draft.Replay(one);
        }

        Draft.EndTxn();
        if (change.EndedLease != 0)
        {
            Draft.EndLease(change.EndedLease);
        }
    }

    private void Check(CheckpointEnd end) => Invariant.That(
        Draft.Revision == end.Revision && Draft.Use.Keys == end.Keys,
        $"a checkpoint of revision {end.Revision} with {end.Keys} keys is read as such,"
        + $" not as {Draft.Revision} with {Draft.Use.Keys}");
}
