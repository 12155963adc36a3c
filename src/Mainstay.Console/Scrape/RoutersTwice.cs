using System.Collections.Immutable;
using Mainstay.ConsoleSite.Signals;
using Mainstay.ConsoleSite.Signals.Failures;

namespace Mainstay.ConsoleSite.Scrape;

/// <summary>One router read twice.</summary>
/// <param name="Node">whose it is, by the map</param>
internal sealed record RouterReadings(string Node, RouterReading First, RouterReading Second)
{
    /// <summary>Both readings told tables and counters, so that what happened between them is known.</summary>
    public bool IsRead => First is { Table: not null, Counters: not null }
        && Second is { Table: not null, Counters: not null };

    /// <summary>Why it is not read; empty when it is.</summary>
    public string Fault => Second.Fault ?? First.Fault ?? "";
}

/// <summary>Every router of a platform read twice, some seconds apart: figures of now, for a command.</summary>
/// <param name="From">when the first readings began</param>
/// <param name="To">that and the time between</param>
internal sealed record RoutersTwice(ImmutableArray<RouterReadings> Routers, DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>What happened between the readings, by service; nothing of a router that was not read.</summary>
    public ImmutableArray<ServiceSum> Sums()
    {
        var book = new FailureBook();
        foreach (var router in Routers.Where(router => router.IsRead))
        {
            book.Add(router.First.Table!, router.First.Counters!, From); // Being read means that.
            book.Add(router.Second.Table!, router.Second.Counters!, To);
        }

        return book.Since(From, To);
    }

    /// <summary>Never throws for what a router does; takes the time between and two answers.</summary>
    public static async Task<RoutersTwice> ReadAsync(
        PlatformMap map, TimeSpan between, TimeProvider time, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        using var client = new RouterClient(handler, time) { Deadline = Limits.LookDeadline };
        var parts = map.Parts.Where(part => part.Kind == PartKind.Router).ToList();
        var from = time.GetUtcNow();
        var first = await Task.WhenAll(parts.Select(part => client.ReadAsync(part.Address, cancellationToken)));
        await Task.Delay(between, time, cancellationToken);
        var second = await Task.WhenAll(parts.Select(part => client.ReadAsync(part.Address, cancellationToken)));
        return new RoutersTwice(
            [.. parts.Select((part, index) => new RouterReadings(part.Instance, first[index], second[index]))],
            from,
            from + between);
    }
}
