using System.Collections.Immutable;
using System.Globalization;
using Mainstay.ConsoleSite.Cluster;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Signals.Failures;

/// <summary>
/// Rollouts that were undone without helping: the present template is one that was brought back, and calls to the
/// service behind it still fail <see cref="Limits.UndoneSettled"/> after that. Then the change was not the cause; what
/// else fails points to what they share. Pure.
/// </summary>
internal static class Rollbacks
{
    public static Dictionary<string, SignalReading> DidNotHelp(
        IEnumerable<RevisionView> revisions, IReadOnlyList<ServiceSum> since,
        IReadOnlySet<ObjectKey> failing, DateTimeOffset now)
    {
        var found = new Dictionary<string, SignalReading>(StringComparer.Ordinal);
        foreach (var undone in revisions.Where(revision => IsUndoneLately(revision, now)))
        {
            var behind = since.FirstOrDefault(sum => failing.Contains(sum.Service)
                && sum.Service.Namespace == undone.Namespace
                && sum.Total is { Failures: >= 1, Share: >= Limits.FailingShare }
                && sum.Endpoints.Any(endpoint => endpoint.Version == undone.ReplicaSet));
            if (behind is not null)
            {
                var others = failing.Where(service => service != behind.Service).Select(service => service.ToString());
                found[$"deployment/{undone.Namespace}/{undone.Deployment}"] =
                    Reading(undone, behind, [.. others.Order(StringComparer.Ordinal)], now);
            }
        }

        return found;
    }

    /// <summary>When calls after an undo are to be counted from; null when nothing was undone lately.</summary>
    public static DateTimeOffset? CountFrom(IEnumerable<RevisionView> revisions, DateTimeOffset now) =>
        revisions.Where(revision => IsUndoneLately(revision, now)).Select(revision => revision.Since).Max();

    private static bool IsUndoneLately(RevisionView revision, DateTimeOffset now) =>
        revision is { WasBroughtBack: true, Since: { } at }
        && now - at >= Limits.UndoneSettled && now - at <= Limits.UndoneLately;

    private static SignalReading Reading(
        RevisionView undone, ServiceSum behind, ImmutableArray<string> others, DateTimeOffset now)
    {
        var ago = ((now - undone.Since)?.TotalSeconds ?? 0).ToString("0", CultureInfo.InvariantCulture);
        var share = (behind.Total.Share * 100).ToString("0.#", CultureInfo.InvariantCulture);
        var symptom = others.Length > 0
            ? $" {string.Join(", ", others)} fail as well: look at what they share."
            : " Look at the layer below: routers, API servers, store.";
        return new SignalReading(
            $"Deployment {undone.Namespace}/{undone.Deployment} was undone {ago} s ago (revision {undone.Revision}), "
            + $"and {share} % of the calls to {behind.Service} still fail: the change is not the cause.{symptom}")
        {
            Evidence =
            [
                new("undoneSecondsAgo", ago), new("failedPercent", share),
                new("alsoFailing", string.Join(',', others)),
            ],
            Culprit = new ObjectReference("Deployment", undone.Namespace, undone.Deployment),
        };
    }
}
