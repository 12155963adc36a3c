using CsCheck;
using Google.Protobuf;
using Mainstay.Etcd.Protocol;
using Mainstay.Store.Mvcc;

namespace Mainstay.Tests.Store.Mvcc;

/// <summary>
/// Random histories of puts, deletes and compactions, read at every revision, against <see cref="NaiveStore"/>.
/// </summary>
public sealed class MvccModelTests
{
    private static readonly Gen<Step> Steps = Gen.Select(
        Gen.Int[0, 9], Gen.Int[0, 7], Gen.Int[0, 8], Gen.Int[1, 40],
        (kind, from, to, revision) => new Step(kind, $"k{from}", $"k{to}", revision));

    [Fact]
    public void Reads_at_every_revision_agree_with_a_store_that_keeps_whole_copies()
    {
        Steps.Array[1, 60].Sample(Agrees, iter: 400);
    }

    private static bool Agrees(Step[] steps)
    {
        var model = new NaiveStore();
        var draft = MvccDraft.Empty();
        foreach (var step in steps)
        {
            Do(step, model, draft);
        }

        var view = draft.Publish();
        return view.Revision == model.Revision
            && view.Use.Keys == model.Range("", "z", model.Revision).Count
            && Enumerable.Range(1, (int)model.Revision).All(revision => AgreesAt(revision, model, view));
    }

    private static void Do(Step step, NaiveStore model, MvccDraft draft)
    {
        switch (step.Kind)
        {
            case < 5:
                model.Put(step.From, step.To);
                draft.Put(ByteString.CopyFromUtf8(step.From), ByteString.CopyFromUtf8(step.To), lease: 0);
                draft.EndTxn();
                break;
            case < 8:
                model.Delete(step.From, step.To);
                KvWriter.Delete(draft, new DeleteRangeRequest
                {
                    Key = ByteString.CopyFromUtf8(step.From),
                    RangeEnd = ByteString.CopyFromUtf8(step.To),
                });
                draft.EndTxn();
                break;
            default:
                if (model.Compact(step.Revision) is null)
                {
                    draft.Compact(step.Revision);
                }

                // Its physical work may be anywhere between not begun and done.
                draft.CompactSome(step.Revision % 3);
                draft.Publish();
                break;
        }
    }

    private static bool AgreesAt(long revision, NaiveStore model, MvccView view)
    {
        var request = new RangeRequest
        {
            Key = ByteString.CopyFromUtf8("k1"),
            RangeEnd = ByteString.CopyFromUtf8("k6"),
            Revision = revision,
        };
        var point = ReadPoint.Of(view);
        if (!model.IsReadable(revision))
        {
            return RangeReader.Check(point, request) is not null;
        }

        var answer = RangeReader.Read(point, request);
        return answer.Kvs.Select(NaiveStore.Text).SequenceEqual(model.Range("k1", "k6", revision))
            && answer.Count == answer.Kvs.Count;
    }

    private sealed record Step(int Kind, string From, string To, int Revision);
}
