using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite.Changes;
using Mainstay.ConsoleSite.Checks;
using Mainstay.ConsoleSite.Memory;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.ConsoleSite.Signals;
using Mainstay.ConsoleSite.Signals.Failures;
using Mainstay.Kube;
using Microsoft.Data.Sqlite;

namespace Mainstay.ConsoleSite.Why;

/// <summary>
/// Reads what is known of one service from everywhere at once: twice from the routers, so that there are figures of
/// now, once from the rest. Each part may be down; then that is told.
/// </summary>
internal sealed class WhyReader(PlatformMap map, TimeProvider time)
{
    private static readonly ListedKind ReplicaSets = new("ReplicaSet", "/apis/apps/v1/replicasets");

    /// <param name="words">NAME or NAME.NAMESPACE</param>
    /// <param name="ledgerFolder">the console's data folder</param>
    /// <param name="cancellationToken">ends the reading</param>
    /// <exception cref="WhyException">no such service, or several</exception>
    public async Task<WhyFacts> ReadAsync(string words, string ledgerFolder, CancellationToken cancellationToken)
    {
        var lists = new ApiLists(map, time).ListAsync(
            [ListedKind.Services, ListedKind.Slices, ListedKind.Deployments, ReplicaSets], cancellationToken);
        var signals = SignalLook.OnceAsync(map, time, cancellationToken);
        var readings = ReadRoutersAsync(cancellationToken);
        await Task.WhenAll(lists, signals, readings);
        var (services, slices, deployments, sets) =
            ((await lists)[0], (await lists)[1], (await lists)[2], (await lists)[3]);
        var routers = await readings;
        var key = Resolve(words, services, routers);
        var book = new FailureBook();
        foreach (var router in routers.Where(router => router is { First.Table: not null, Second.Table: not null }))
        {
            book.Add(router.First.Table!, router.First.Counters!, router.At);
            book.Add(router.Second.Table!, router.Second.Counters!, router.At + Limits.WhyWindow);
        }

        var service = services.Items.FirstOrDefault(item => ObjectScan.NameOf(item) == key.ToString());
        var notes = service.ValueKind == JsonValueKind.Object
            ? ObjectMeta.Read(service).Annotations
            : ImmutableDictionary<string, string>.Empty;
        var (changes, ledgerFault) = Changes(ledgerFolder, key);
        return new WhyFacts(key, await signals)
        {
            Routers = [.. routers.Select(router => router.Sight(key))],
            Ready = slices.Known ? ServiceObjects.ReadyOf(key, slices) : null,
            Fallback = notes.GetValueOrDefault("mainstay.dev/fallback", ""),
            FallbackByHand = notes.GetValueOrDefault("mainstay.dev/fallback-active") == "true",
            Rollouts = ServiceObjects.Rollouts(service, deployments, sets, time.GetUtcNow()),
            Rejected = ServiceObjects.Rejected(key, routers.Select(router => router.Second)),
            Sums = routers.Length == 0 ? [] : book.Since(routers[0].At, routers[0].At + Limits.WhyWindow),
            Changes = changes,
            ApiFault = services.Fault,
            LedgerFault = ledgerFault,
        };
    }

    private async Task<ImmutableArray<RouterReadings>> ReadRoutersAsync(CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        using var client = new RouterClient(handler, time);
        var parts = map.Parts.Where(part => part.Kind == PartKind.Router).ToList();
        var at = time.GetUtcNow();
        var first = await Task.WhenAll(parts.Select(part => client.ReadAsync(part.Address, cancellationToken)));
        await Task.Delay(Limits.WhyWindow, time, cancellationToken);
        var second = await Task.WhenAll(parts.Select(part => client.ReadAsync(part.Address, cancellationToken)));
        return [.. parts.Select((part, index) => new RouterReadings(part.Instance, at, first[index], second[index]))];
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

/// <summary>One router read twice.</summary>
internal sealed record RouterReadings(string Node, DateTimeOffset At, RouterReading First, RouterReading Second)
{
    public RouterSight Sight(ObjectKey service)
    {
        if (Second is not { Table: { } table, Counters: { } counters })
        {
            return new RouterSight(Node, null, default, null, null, Second.Fault ?? "it was not read");
        }

        var after = counters.Services.GetValueOrDefault(service);
        var before = First.Counters?.Services.GetValueOrDefault(service);
        var routed = table.Ready.TryGetValue(service, out var ready) ? ready : (int?)null;
        if (after is null || First.Counters is null)
        {
            return new RouterSight(Node, routed, default, null, null, "");
        }

        var latency = new LatencyBuckets([.. after.UpTo.Keys]);
        latency.Add(after.UpTo, before?.UpTo);
        var calls = new CallSum(
            Math.Max(0, after.Requests - (before?.Requests ?? 0)),
            Math.Max(0, after.Errors - (before?.Errors ?? 0)),
            Math.Max(0, after.RouterErrors - (before?.RouterErrors ?? 0)));
        return new RouterSight(Node, routed, calls, latency.Percentile(0.5), latency.Percentile(0.95), "");
    }
}
