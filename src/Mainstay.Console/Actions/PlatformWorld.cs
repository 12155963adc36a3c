using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>A part and where it answers.</summary>
/// <param name="Subject">as signals name it</param>
/// <param name="Address">over plain HTTP</param>
public sealed record PartAddress(string Subject, Uri Address);

/// <summary>
/// The platform as its own parts tell it: <c>/signals.json</c> of each, and the routers' counters. A part that knows
/// no signals has none; one that does not answer is named as silent.
/// </summary>
public sealed class PlatformWorld(
    ImmutableArray<PartAddress> routers, ImmutableArray<PartAddress> others, PartHttp http, TimeProvider time)
    : IActionWorld
{
    /// <summary>Parts whose signals are read in another way, such as API servers, which want credentials.</summary>
    public ImmutableArray<(string Subject, Func<CancellationToken, Task<PartAnswer>> Ask)> Guarded { get; init; } = [];

    public async Task<WorldView> LookAsync(CancellationToken cancellationToken)
    {
        var counters = Task.WhenAll(routers.Select(router =>
            http.GetAsync(new Uri(router.Address, "/metrics"), cancellationToken)));
        var reports = await Task.WhenAll(
        [
            .. routers.Concat(others).Select(async part =>
                (part.Subject, await http.GetAsync(new Uri(part.Address, "/signals.json"), cancellationToken))),
            .. Guarded.Select(async part => (part.Subject, await part.Ask(cancellationToken))),
        ]);
        var signals = ImmutableArray.CreateBuilder<Signal>();
        var silent = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (subject, answer) in reports)
        {
            if (Signals(answer) is { } told)
            {
                signals.AddRange(told);
            }
            else
            {
                silent[subject] = answer.Succeeded ? "its signals make no sense" : answer.Why;
            }
        }

        return new WorldView(time.GetUtcNow())
        {
            Signals = [.. signals.DistinctBy(signal => (signal.Name, signal.Subject))],
            Silent = silent.ToImmutable(),
            Calls = Calls(await counters),
        };
    }

    private static ImmutableArray<Signal>? Signals(PartAnswer answer)
    {
        if (answer.IsUnknown)
        {
            return [];
        }

        try
        {
            return answer.Succeeded ? SignalsJson.Read(answer.Body).Signals : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private ImmutableDictionary<CallKey, CallCount> Calls(PartAnswer[] answers)
    {
        var calls = ImmutableDictionary.CreateBuilder<CallKey, CallCount>();
        foreach (var (router, answer) in routers.Zip(answers).Where(pair => pair.Second.Succeeded))
        {
            var samples = PrometheusText.Read(Encoding.UTF8.GetString(answer.Body), RouterCounters.Prefix).Samples;
            foreach (var (service, counters) in RouterCounters.From(samples).Services)
            {
                calls[new CallKey(router.Subject, service.ToString())] =
                    new CallCount(counters.Requests, counters.Errors);
            }
        }

        return calls.ToImmutable();
    }
}
