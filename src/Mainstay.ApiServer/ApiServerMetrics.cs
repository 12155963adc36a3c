using System.Diagnostics.Metrics;
using Mainstay.ApiServer.Http;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Storage;
using Mainstay.ApiServer.Watch;

namespace Mainstay.ApiServer;

/// <summary>What the server measures of itself; listed in docs/metrics.md.</summary>
internal sealed class ApiServerMetrics
{
    public const string MeterName = "Mainstay.ApiServer";

    private readonly Counter<long> _requests;
    private readonly Histogram<double> _seconds;

    public ApiServerMetrics(IMeterFactory meters, WatchCaches caches, ObjectCodec codec, CacheFeed feed)
    {
        var meter = meters.Create(MeterName);
        _requests = meter.CreateCounter<long>("apiserver_request_total", null, "requests answered");
        _seconds = meter.CreateHistogram<double>(
            "apiserver_request_duration_seconds",
            null,
            "time to the end of the answer, watches and logs left out",
            null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.002, 0.005, 0.01, 0.025, 0.1, 0.5, 1, 5] });
        meter.CreateObservableGauge(
            "mainstay_api_watch_cache_revision",
            () => PerCache(caches, cache => cache.IsSynced ? cache.Revision : null),
            null,
            "the revision up to which the cache holds everything");
        meter.CreateObservableGauge(
            "mainstay_api_watch_cache_age_seconds",
            () => PerCache(caches, cache => cache.Age?.TotalSeconds),
            null,
            "time since a quorum read of the store last proved that the cache missed nothing");
        meter.CreateObservableGauge(
            "mainstay_api_watch_cache_objects",
            () => PerCache(caches, cache => cache.Snapshot().Objects.Count),
            null,
            "objects in the cache");
        meter.CreateObservableGauge(
            "mainstay_api_watchers", () => PerCache(caches, cache => cache.WatcherCount), null, "watches open now");
        meter.CreateObservableCounter(
            "mainstay_api_watcher_cut_total",
            () => PerCache(caches, cache => cache.CutTotal),
            null,
            "watches cut because their reader was too slow");
        meter.CreateObservableGauge(
            "mainstay_api_object_unreadable",
            () => codec.Unreadable.Select(Named),
            null,
            "1 for each stored object that cannot be read and is left out");
        meter.CreateObservableGauge(
            "mainstay_api_store_silence_seconds",
            () => feed.StoreSilence is { } silence
                ? [new Measurement<double>(silence.TotalSeconds)]
                : Array.Empty<Measurement<double>>(),
            null,
            "time since the store last answered a quorum read");
    }

    public void Count(RequestInfo info, int code, TimeSpan elapsed)
    {
        // what is not served is one label value: a client cannot invent metric series
        var type = info.IsResource ? ResourceTable.Find(info.Group, info.Version, info.Resource) : null;
        var resource = type?.Plural ?? "";
        var verb = info.Verb.ToUpperInvariant();
        _requests.Add(
            1,
            new KeyValuePair<string, object?>("verb", verb),
            new KeyValuePair<string, object?>("resource", resource),
            new KeyValuePair<string, object?>("code", code));
        if (info.Verb != "watch" && info.Subresource != "log")
        {
            _seconds.Record(
                elapsed.TotalSeconds,
                new KeyValuePair<string, object?>("verb", verb),
                new KeyValuePair<string, object?>("resource", resource));
        }
    }

    private static IEnumerable<Measurement<double>> PerCache(WatchCaches caches, Func<WatchCache, double?> value)
    {
        foreach (var cache in caches.All)
        {
            if (value(cache) is { } number)
            {
                yield return new Measurement<double>(
                    number, new KeyValuePair<string, object?>("resource", cache.Type.QualifiedPlural));
            }
        }
    }

    private static Measurement<int> Named(UnreadableObject one) => new(
        1,
        new KeyValuePair<string, object?>("resource", one.Resource),
        new KeyValuePair<string, object?>("namespace", one.Namespace),
        new KeyValuePair<string, object?>("name", one.Name));
}
