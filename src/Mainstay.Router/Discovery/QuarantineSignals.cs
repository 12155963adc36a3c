using Mainstay.Kernel.Signals;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>One signal for each object that makes no sense, as long as it makes none.</summary>
internal sealed class QuarantineSignals(SignalBoard board, string node)
{
    public void Raise(QuarantinedObject bad)
    {
        var use = bad.HasLastGood ? "its last good value is in use" : "no good value of it is known to this process";
        board.Raise(SignalCatalog.ObjectQuarantined, Subject(bad.Kind, bad.Key), new SignalReading(
            $"{bad.Kind} {bad.Key} makes no sense ({bad.Reason}); {use}")
        {
            Evidence =
            [
                new Evidence("reason", bad.Reason), new Evidence("hasLastGood", bad.HasLastGood ? "true" : "false"),
            ],
            Culprit = new ObjectReference(bad.Kind, bad.Key.Namespace, bad.Key.Name),
        });
    }

    public void Clear(string kind, ObjectKey key) => board.Clear(SignalCatalog.ObjectQuarantined, Subject(kind, key));

    private string Subject(string kind, ObjectKey key) => $"router/{node}/{kind}/{key}";
}
