using System.Collections.Immutable;
using System.Globalization;
using Mainstay.ConsoleSite.Cluster;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Signals.Failures;

/// <summary>
/// Rollouts that were undone without helping: the present template is one that was brought back, and its own pods fail
/// <see cref="Limits.UndoneSettled"/> after that. Then the change was not the cause; what else fails points to what
/// they share. What the pods that leave do in the meantime says nothing about the undo:
/// <code>
///     12:00:00  undo                bad pods serve until 12:00:20, as the good ones come up one by one
///     12:00:05  from here the tries of the ReplicaSet that was brought back count, and no others
/// </code>
/// Pure.
/// </summary>
internal static class Rollbacks
{
    /// <param name="revisions">the present template of each Deployment</param>
    /// <param name="since">what happened to all services from a moment on</param>
    /// <param name="failing">services that fail now</param>
    /// <param name="now">the moment of judging</param>
    public static Dictionary<string, SignalReading> DidNotHelp(
        IEnumerable<RevisionView> revisions, Func<DateTimeOffset, ImmutableArray<ServiceSum>> since,
        IReadOnlySet<ObjectKey> failing, DateTimeOffset now)
    {
        var found = new Dictionary<string, SignalReading>(StringComparer.Ordinal);

        // Those of before the window share its beginning: a few sums at most, however many were undone.
        foreach (var settled in revisions.GroupBy(revision => SettledAt(revision, now)))
        {
            if (settled.Key is not { } from)
            {
                continue;
            }

            var sums = since(from);
            foreach (var undone in settled)
            {
                if (sums.Select(sum => Tries(sum, undone, failing)).OfType<OwnTries>().FirstOrDefault() is { } own)
                {
                    var others = failing.Where(service => service != own.Service).Select(service => $"{service}");
                    found[$"deployment/{undone.Namespace}/{undone.Deployment}"] =
                        Reading(undone, own, [.. others.Order(StringComparer.Ordinal)], now);
                }
            }
        }

        return found;
    }

    /// <summary>From when on calls are counted; null where nothing was undone lately, or not yet long enough.</summary>
    private static DateTimeOffset? SettledAt(RevisionView revision, DateTimeOffset now)
    {
        if (revision is not { WasBroughtBack: true, Since: { } at } || now - at > Limits.UndoneLately
            || now - at < Limits.UndoneSettled)
        {
            return null;
        }

        var (settled, window) = (at + Limits.UndoneSettled, now - Limits.FailureWindow);
        return settled > window ? settled : window;
    }

    /// <returns>the tries of the pods that were brought back, where they fail; else null</returns>
    private static OwnTries? Tries(ServiceSum sum, RevisionView undone, IReadOnlySet<ObjectKey> failing)
    {
        if (!failing.Contains(sum.Service) || sum.Service.Namespace != undone.Namespace)
        {
            return null;
        }

        var own = sum.Endpoints.Where(endpoint => endpoint.Version == undone.ReplicaSet)
            .Aggregate(default(CallSum), (all, endpoint) => all + endpoint.Sum);
        return own.Failures >= Limits.FailingCallsMin && own.Share >= Limits.FailingShare
            ? new OwnTries(sum.Service, own)
            : null;
    }

    private static SignalReading Reading(
        RevisionView undone, OwnTries own, ImmutableArray<string> others, DateTimeOffset now)
    {
        var ago = ((now - undone.Since)?.TotalSeconds ?? 0).ToString("0", CultureInfo.InvariantCulture);
        var share = (own.Sum.Share * 100).ToString("0.#", CultureInfo.InvariantCulture);
        var symptom = others.Length > 0
            ? $" {string.Join(", ", others)} fail as well: look at what they share."
            : " Look at the layer below: routers, API servers, store.";
        return new SignalReading(
            $"Deployment {undone.Namespace}/{undone.Deployment} was undone {ago} s ago (revision {undone.Revision}), "
            + $"and {share} % of the calls to its pods behind {own.Service} still fail: the change is not the "
            + $"cause.{symptom}")
        {
            Evidence =
            [
                new("undoneSecondsAgo", ago), new("failedPercent", share),
                new("alsoFailing", string.Join(',', others)),
            ],
            Culprit = new ObjectReference("Deployment", undone.Namespace, undone.Deployment),
        };
    }

    /// <param name="Service">behind which the pods are</param>
    /// <param name="Sum">how the routers' tries of them went</param>
    private sealed record OwnTries(ObjectKey Service, CallSum Sum);
}
