using System.Collections.Immutable;
using System.Globalization;
using Mainstay.ConsoleSite.Checks;
using Mainstay.ConsoleSite.Cluster;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Signals.Failures;

/// <summary>
/// What a command does in the console's place while none answers: it reads the routers twice, judges them by the
/// console's own rules, and says what could not be judged and why.
/// </summary>
internal sealed class FailureLook(PlatformMap map, TimeProvider time)
{
    private const string NoConsole = "no console answers";

    /// <returns>the signals on the collector's board beside the others, and what is to be known of them</returns>
    public async Task<(CollectedSignals Collected, ImmutableArray<string> Notes)> JudgeAsync(
        CollectedSignals collected, SignalCollector collector, CancellationToken cancellationToken)
    {
        var reading = RoutersTwice.ReadAsync(map, Limits.LookWindow, time, cancellationToken);
        var listing = new ApiLists(map, time).ListAsync([ListedKind.ReplicaSets], cancellationToken);
        await Task.WhenAll(reading, listing);
        var (routers, sets) = (await reading, (await listing)[0]);
        var source = new FailuresBetween(routers, RevisionView.Present(Read(sets)));
        new FailureJudge(source, time).Judge(collected, collector.Board);
        return (collected.With(collector.Board), [.. Notes(routers, sets)]);
    }

    private static IEnumerable<string> Notes(RoutersTwice routers, ObjectList sets)
    {
        var silent = routers.Routers.Where(router => !router.IsRead).ToList();
        var without = string.Join(", ", silent.Select(router => $"router/{router.Node} ({router.Fault})"));
        if (silent.Count == routers.Routers.Length)
        {
            yield return $"service-failing and rollback-did-not-help are not judged: {NoConsole}, and no router "
                + $"tells its counters{(without.Length > 0 ? $": {without}" : "")}; they are once one of them is back";
            yield break;
        }

        var seconds = (routers.To - routers.From).TotalSeconds.ToString(CultureInfo.InvariantCulture);
        yield return $"{NoConsole}: failing services are judged here, from the routers' counters over {seconds} s"
            + (without.Length > 0 ? $", without {without}" : "");
        if (!sets.Known)
        {
            var why = sets.NotServed ? "it serves no ReplicaSets" : sets.Fault;
            yield return $"rollback-did-not-help is not judged: {NoConsole}, and no API server lists the ReplicaSets "
                + $"({why})";
        }
    }

    private static IEnumerable<ReplicaSetObject> Read(ObjectList sets)
    {
        foreach (var item in sets.Items)
        {
            ReplicaSetObject? read = null;
            try
            {
                read = ReplicaSetObject.Read(item);
            }
            catch (MalformedObjectException)
            {
                // One bad object harms one object; 'mainstay check' names it.
            }

            if (read is not null)
            {
                yield return read;
            }
        }
    }
}
