using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite.Changes;
using Mainstay.ConsoleSite.Checks;
using Mainstay.ConsoleSite.Memory;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kube;
using Microsoft.Data.Sqlite;

namespace Mainstay.ConsoleSite.Why;

/// <summary>
/// Reads what is known of one service from everywhere at once: twice from the routers, so that there are figures of
/// now, once from the rest. Each part may be down; then that is told.
/// </summary>
internal sealed class WhyReader(PlatformMap map, TimeProvider time)
{
    /// <param name="words">NAME or NAME.NAMESPACE</param>
    /// <param name="ledgerFolder">the console's data folder</param>
    /// <param name="cancellationToken">ends the reading</param>
    /// <exception cref="WhyException">no such service, or several</exception>
    public async Task<WhyFacts> ReadAsync(string words, string ledgerFolder, CancellationToken cancellationToken)
    {
        var lists = new ApiLists(map, time).ListAsync(
            [ListedKind.Services, ListedKind.Slices, ListedKind.Deployments, ListedKind.ReplicaSets],
            cancellationToken);
        var signals = SignalLook.OnceAsync(map, time, cancellationToken);
        var readings = RoutersTwice.ReadAsync(map, Limits.WhyWindow, time, cancellationToken);
        await Task.WhenAll(lists, signals, readings);
        var (services, slices, deployments, sets) =
            ((await lists)[0], (await lists)[1], (await lists)[2], (await lists)[3]);
        var twice = await readings;
        var routers = twice.Routers;
        var key = Resolve(words, services, routers);
        var service = services.Items.FirstOrDefault(item => ObjectScan.NameOf(item) == key.ToString());
        var notes = service.ValueKind == JsonValueKind.Object
            ? ObjectMeta.Read(service).Annotations
            : ImmutableDictionary<string, string>.Empty;
        var (changes, ledgerFault) = Changes(ledgerFolder, key);
        return new WhyFacts(key, await signals)
        {
            Routers = [.. routers.Select(router => RouterSight.Of(router, key))],
            Ready = slices.Known ? ServiceObjects.ReadyOf(key, slices) : null,
            Fallback = notes.GetValueOrDefault("mainstay.dev/fallback", ""),
            FallbackByHand = notes.GetValueOrDefault("mainstay.dev/fallback-active") == "true",
            Rollouts = ServiceObjects.Rollouts(service, deployments, sets, time.GetUtcNow()),
            Rejected = ServiceObjects.Rejected(key, routers.Select(router => router.Second)),
            Sums = twice.Sums(),
            Changes = changes,
            ApiFault = services.Fault,
            LedgerFault = ledgerFault,
        };
    }

    private static ObjectKey Resolve(string words, ObjectList services, ImmutableArray<RouterReadings> routers)
    {
        var known = services.Items.Select(ObjectScan.NameOf).Select(ServiceObjects.KeyOf)
            .Concat(routers.SelectMany(router => router.Second.Table?.Services.Keys ?? []))
            .Distinct()
            .ToList();
        var dot = words.IndexOf('.', StringComparison.Ordinal);
        var (name, space) = dot < 0 ? (words, "") : (words[..dot], words[(dot + 1)..]);
        var found = known.Where(key => key.Name == name && (space.Length == 0 || key.Namespace == space)).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 when known.Count == 0 => throw new WhyException(
                "no service is known: neither a router nor an API server answers; see 'mainstay doctor'"),
            0 => throw new WhyException($"there is no service '{words}'; there are "
                + string.Join(", ", known.Select(key => $"{key.Name}.{key.Namespace}").Order().Take(20))),
            _ => throw new WhyException($"'{words}' may be "
                + string.Join(" or ", found.Select(key => $"{key.Name}.{key.Namespace}").Order())),
        };
    }

    private (ImmutableArray<ChangeLine> Lines, string Fault) Changes(string folder, ObjectKey service)
    {
        if (!File.Exists(Path.Combine(folder, "memory.db")))
        {
            return ([], "the console has not written a ledger yet");
        }

        try
        {
            var question = new ChangeQuestion(Limits.WhyChanges, service.ToString());
            var answer = ChangeAnswer.Of(new ChangeLedger(new ConsoleDatabase(folder)), question, time.GetUtcNow());
            return (answer.Lines, string.Join("; ", answer.Doubts()));
        }
        catch (Exception fault) when (fault is SqliteException or IOException)
        {
            return ([], fault.Message);
        }
    }
}

/// <summary>The question cannot be answered as it stands; the message says why and what to ask.</summary>
public sealed class WhyException(string message) : Exception(message);
