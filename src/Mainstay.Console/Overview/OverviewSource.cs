using Mainstay.ConsoleSite.Cluster;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.ConsoleSite.Signals;

namespace Mainstay.ConsoleSite.Overview;

/// <summary>The overview as of now; a moment's worth of requests share one. Thread safe.</summary>
internal sealed class OverviewSource(
    Func<ClusterView> cluster, Func<FleetView> fleet, Func<SignalReport?> signals, TimeProvider time)
{
    private static readonly TimeSpan SharedFor = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private OverviewPageModel? _current;
    private string _server = "";

    public string Server => Volatile.Read(ref _server);

    public OverviewPageModel Now()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (_current is null || now - _current.At > SharedFor || now < _current.At)
            {
                var view = cluster();
                Volatile.Write(ref _server, view.Server);
                _current = SignalVerdicts.Add(OverviewBuilder.Build(view, fleet(), now), signals());
            }

            return _current;
        }
    }
}
