using System.Collections.Immutable;
using Mainstay.ConsoleSite.Incidents;
using Mainstay.Kernel;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Mainstay.ConsoleSite.StatusPage;

/// <summary>
/// Looks, builds, writes. Whatever fails, the loop goes on and the page keeps what it last had and says so: a broken
/// file of incidents, a full disk, a dead console. <see cref="Served"/> is thread safe.
/// </summary>
internal sealed class StatusPageLoop(
    StatusPageOptions options, PlatformProbe probe, PageFiles files, TimeProvider time, ILogger<StatusPageLoop> logger)
{
    private readonly PageFolder _folder = new(options.OutFolder);
    private readonly string _memoryFile = Path.Combine(options.DataFolder, "status-page.json");
    private ImmutableSortedDictionary<string, byte[]> _served = ImmutableSortedDictionary<string, byte[]>.Empty;
    private ImmutableArray<IncidentDocument> _incidents = [];
    private PageMemory _memory = new();
    private PageConfig _config = new();
    private PublicPage? _page;
    private string? _told;

    /// <summary>The files as they are served: those of before until the first page is made.</summary>
    public ImmutableSortedDictionary<string, byte[]> Served => Volatile.Read(ref _served);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Start();
        using var timer = new PeriodicTimer(StatusPageLimits.LookEvery, time);
        do
        {
            await TurnAsync(cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>Takes up what a page before this one left.</summary>
    internal void Start()
    {
        var found = _folder.Load();
        _incidents = PageFiles.IncidentsIn(found.GetValueOrDefault("api/v2/incidents.json"));
        _memory = PageMemory.Load(_memoryFile, time.GetUtcNow());
        Volatile.Write(ref _served, found);
    }

    internal async Task TurnAsync(CancellationToken cancellationToken)
    {
        var faults = new List<string>();
        ReadConfig(faults);
        var reading = await probe.AskAsync(cancellationToken);
        var now = time.GetUtcNow();
        var before = _memory;
        _memory = _memory.With(reading, _config, now);
        var reportsFault = ReadIncidents(faults);
        var page = PublicPageBuilder.Build(new PageEvidence(
            _config, _memory, _incidents, reportsFault, options.ContactLimit, now));
        if (IsNews(page))
        {
            Volatile.Write(ref _served, await files.OfAsync(page));
            _page = page;
            Keep(before, faults);
        }

        Tell(faults);
    }

    /// <summary>Something else is said, or the same was said long enough ago.</summary>
    private bool IsNews(PublicPage page) => _page is null
        || page.Summary.Page.UpdatedAt - _page.Summary.Page.UpdatedAt >= StatusPageLimits.RewriteEvery
        || !Sayings(page).SequenceEqual(Sayings(_page));

    private static IEnumerable<object?> Sayings(PublicPage page) =>
    [
        page.Summary.Status, page.Summary.Page.Name, .. page.Notices, .. page.Summary.Components,
        .. page.History.Select(incident => (incident.Id, incident.UpdatedAt, incident.Impact, incident.Name)),
    ];

    private void ReadConfig(List<string> faults)
    {
        try
        {
            _config = PageConfig.Read(options.DataFolder, $"http://{options.Listen}");
        }
        catch (StartException fault)
        {
            // The last good one stays in use.
            faults.Add(fault.Message);
        }
    }

    private string? ReadIncidents(List<string> faults)
    {
        try
        {
            // A folder that was never there holds no incident, and this process makes none.
            var book = IncidentBook.OpenOrNone(options.DataFolder);
            _incidents =
            [
                .. (book?.All() ?? [])
                    .Where(incident => incident.IsPublic)
                    .OrderByDescending(incident => incident.Posts[0].At)
                    .Take(PublicPage.HistoryMax)
                    .Select(incident => IncidentDocuments.Of(incident, _config)),
            ];
            return null;
        }
        catch (Exception fault) when (fault is SqliteException or IOException or UnauthorizedAccessException)
        {
            faults.Add($"incidents: {fault.Message}");
            return fault.Message;
        }
    }

    private void Keep(PageMemory before, List<string> faults)
    {
        try
        {
            _folder.Write(Served);
            if (before != _memory)
            {
                _memory.Save(_memoryFile);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            faults.Add($"the page is served and cannot be written: {fault.Message}");
        }
    }

    private void Tell(List<string> faults)
    {
        var all = string.Join("; ", faults);
        if (all != (_told ?? ""))
        {
            if (all.Length > 0)
            {
                logger.StatusPageFault(all);
            }

            _told = all;
        }
    }
}
