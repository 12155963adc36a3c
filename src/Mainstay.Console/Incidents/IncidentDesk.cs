using System.Collections.Immutable;
using Mainstay.ConsoleSite.Incidents.Voices;
using Mainstay.ConsoleSite.Memory;
using Mainstay.ConsoleSite.StatusPage;
using Mainstay.Kernel;
using Microsoft.Data.Sqlite;

namespace Mainstay.ConsoleSite.Incidents;

/// <summary>What the command line or a form asks of an incident. What is not given stays as it is.</summary>
public sealed record IncidentAsk
{
    /// <summary>Who asks.</summary>
    public string By { get; init; } = "";

    public string? Title { get; init; }

    public string? PublicTitle { get; init; }

    public string? Severity { get; init; }

    public string? Status { get; init; }

    public string? Impact { get; init; }

    public string? Started { get; init; }

    public string? Roles { get; init; }

    public string? Components { get; init; }

    public string? Message { get; init; }

    public string? Public { get; init; }
}

/// <summary>What came of it.</summary>
/// <param name="Receipts">of the messages about this act</param>
/// <param name="Warnings">what a person should know and that stopped nothing</param>
public sealed record IncidentOutcome(
    Incident Incident, CommsClock Clock, ImmutableArray<Receipt> Receipts, ImmutableArray<string> Warnings);

/// <summary>
/// All that can be done about incidents, for the command line and the console alike. It needs the console's folder and
/// nothing else of the platform. What is wrong with an ask is a <see cref="StartException"/>. Thread safe.
/// </summary>
public sealed class IncidentDesk : IDisposable
{
    private readonly ConsoleDatabase _database;
    private readonly IncidentBook _book;
    private readonly DeliveryQueue _queue;
    private readonly HttpMessageInvoker _http;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ImmutableArray<ITimelineSource> _sources;

    /// <param name="folder">the console's data folder</param>
    /// <param name="time">the clock of entries and deliveries</param>
    /// <param name="random">makes ids</param>
    public IncidentDesk(string folder, TimeProvider time, Random random)
    {
        _database = new ConsoleDatabase(folder);
        _book = new IncidentBook(_database);
        _queue = new DeliveryQueue(_book);
        _time = time;
        _random = random;
        _sources = [new SignalLines(_database), new ChangeLines(_database), new ActionLines(_database)];
        Webhooks = new WebhookFile(folder);
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            // Webhooks may lie outside, where a way out is through a proxy.
            UseProxy = true,
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = VoiceLimits.TryDeadline,
        });
        Deliverer = new Deliverer(_book, Webhooks, () => PageConfig.Read(folder), _http, time);
    }

    public WebhookFile Webhooks { get; }

    internal IncidentBook Book => _book;

    internal Deliverer Deliverer { get; }

    public ImmutableArray<Incident> All() => Guarded(_book.All);

    public byte[] ListJson() => IncidentJson.List(All(), _time.GetUtcNow());

    public CommsClock ClockOf(Incident incident) => CommsClock.Of(incident, _time.GetUtcNow());

    /// <summary>Writes the incident down; telling of it is <see cref="TellAsync"/>.</summary>
    public IncidentOutcome Declare(IncidentAsk ask)
    {
        if (string.IsNullOrWhiteSpace(ask.Title))
        {
            throw IncidentWords.Refused("an incident needs a title", "say in a few words what customers see");
        }

        if (ask.Severity is null)
        {
            throw IncidentWords.Refused(
                "an incident needs a severity", "give --severity SEV1 to SEV4; in doubt the higher");
        }

        var entry = EntryOf(ask, IncidentAct.Declared) with { Incident = NewId() };
        return Told(voices => _book.Declare(entry, voices));
    }

    public IncidentOutcome Update(string name, IncidentAsk ask)
    {
        var entry = EntryOf(ask, IncidentAct.Updated);
        if (entry.Status == IncidentStatus.Resolved)
        {
            return Resolve(name, ask);
        }

        if (entry is { Title: null, PublicTitle: null, Severity: null, Status: null, Impact: null, StartedAt: null }
            and { Message: null, Public: null, Roles.Count: 0, Components.Count: 0 })
        {
            throw IncidentWords.Refused(
                "the update says nothing", "give --status, --message, --public, --severity, --role or --component");
        }

        return Told(voices => _book.Append(name, _ => entry, voices));
    }

    public IncidentOutcome Resolve(string name, IncidentAsk ask)
    {
        var entry = EntryOf(ask with { Status = "resolved" }, IncidentAct.Resolved);
        return Told(voices => _book.Append(
            name,
            before => before.IsOpen
                ? entry
                : throw IncidentWords.Refused(
                    $"incident {before.Id} was resolved at {IncidentWords.Utc(before.ResolvedAt ?? before.UpdatedAt)}",
                    "open it again with 'incident update --status investigating'"),
            voices));
    }

    /// <summary>A remark on the timeline, now or at a time that is given.</summary>
    public IncidentOutcome Note(string name, IncidentAsk ask)
    {
        if (string.IsNullOrWhiteSpace(ask.Message))
        {
            throw IncidentWords.Refused("the note is empty", "say what happened");
        }

        var entry = EntryOf(new IncidentAsk { By = ask.By, Message = ask.Message }, IncidentAct.Noted);
        return Told(_ => _book.Append(name, _ => entry, []));
    }

    /// <summary>Sends what waits about an incident, for a few seconds; the console goes on with the rest.</summary>
    public async Task<IncidentOutcome> TellAsync(IncidentOutcome outcome, CancellationToken cancellationToken)
    {
        try
        {
            await Deliverer.SendAsync(outcome.Incident.Id, cancellationToken);
            return outcome with { Receipts = OfEntry(outcome.Incident) };
        }
        catch (Exception fault) when (fault is StartException or SqliteException)
        {
            return outcome with { Warnings = outcome.Warnings.Add(fault.Message) };
        }
    }

    public IncidentReport Report(string name) => Guarded(() =>
    {
        var incident = _book.Find(name);
        var now = _time.GetUtcNow();
        var (from, to) = IncidentTimeline.Span(incident, now);
        var blind = ImmutableArray.CreateBuilder<string>();
        var outside = new List<TimelineLine>();
        foreach (var source in _sources)
        {
            try
            {
                outside.AddRange(source.Between(from, to));
            }
            catch (SqliteException fault)
            {
                blind.Add($"{source}: {fault.Message}");
            }
        }

        var receipts = _queue.Of(incident.Id);
        return new IncidentReport(
            now,
            incident,
            CommsClock.Of(incident, now),
            IncidentTimeline.Of(incident, receipts, outside),
            receipts,
            blind.ToImmutable());
    });

    /// <param name="format">md or json</param>
    /// <param name="forPublic">the cut for those outside: nothing but what they were told, or may be</param>
    public byte[] Export(string name, string format, bool forPublic)
    {
        var report = Report(name);
        return (format, forPublic) switch
        {
            ("json", false) => IncidentJson.Export(report),
            ("json", true) => PublicPostMortem.Json(report, PageConfig.Read(Folder)),
            (_, false) => System.Text.Encoding.UTF8.GetBytes(PostMortem.Markdown(report)),
            _ => System.Text.Encoding.UTF8.GetBytes(PublicPostMortem.Markdown(report)),
        };
    }

    /// <summary>An outcome for programs: the incident, its clock and the receipts.</summary>
    public static byte[] OutcomeJson(IncidentOutcome outcome) => IncidentJson.Outcome(outcome);

    public void Dispose() => _http.Dispose();

    private string Folder => Path.GetDirectoryName(_database.File) ?? ".";

    /// <summary>
    /// The act comes first: where the webhooks' file makes no sense nobody is told, with a warning, and the incident is
    /// written all the same.
    /// </summary>
    private IncidentOutcome Told(Func<IReadOnlyList<Webhook>, Incident> act)
    {
        ImmutableArray<Webhook> voices = [];
        ImmutableArray<string> warnings = [];
        try
        {
            voices = Webhooks.Read();
        }
        catch (StartException fault)
        {
            warnings = [$"nobody was told: {fault.Message}"];
        }

        var incident = Guarded(() => act(voices));
        return new IncidentOutcome(
            incident, CommsClock.Of(incident, _time.GetUtcNow()), OfEntry(incident), warnings);
    }

    private ImmutableArray<Receipt> OfEntry(Incident incident) =>
        [.. _queue.Of(incident.Id).Where(receipt => receipt.Entry == incident.Entries[^1].Number)];

    private IncidentEntry EntryOf(IncidentAsk ask, IncidentAct act) => new()
    {
        Incident = "",
        At = _time.GetUtcNow(),
        Act = act,
        By = ask.By,
        Title = Text(ask.Title, "title", IncidentLimits.TitleMax),
        PublicTitle = Text(ask.PublicTitle, "public title", IncidentLimits.TitleMax),
        Severity = Given(ask.Severity) is { } severity ? IncidentWords.Severity(severity) : null,
        Status = Given(ask.Status) is { } status ? IncidentWords.Status(status) : null,
        Impact = Given(ask.Impact) is { } impact ? IncidentWords.Impact(impact) : null,
        StartedAt = Given(ask.Started) is { } started ? IncidentWords.Time(started) : null,
        Roles = Given(ask.Roles) is { } roles ? IncidentWords.RolesIn(roles) : Incident.NoRoles,
        Components = Given(ask.Components) is { } components
            ? IncidentWords.ComponentsIn(components)
            : Incident.NoComponents,
        Message = Text(ask.Message, "message", IncidentLimits.MessageMax),
        Public = Text(ask.Public, "public post", IncidentLimits.MessageMax),
    };

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string? Text(string? text, string what, int lettersMax) =>
        Given(text) is not { } given || given.Length <= lettersMax
            ? Given(text)
            : throw IncidentWords.Refused($"the {what} has {given.Length} letters", $"give at most {lettersMax}");

    private string NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return IncidentFold.StableId(Convert.ToHexString(bytes));
    }

    /// <summary>A broken file is told as what it is, with what to do, and not as a bug.</summary>
    private T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException fault)
        {
            throw new StartException(
                $"{_database.File} cannot be used: {fault.Message}",
                "move it away with its -wal and -shm files; a new one is made, and the old one can be looked into");
        }
    }
}

/// <summary>Bounds of what people write.</summary>
internal static class IncidentLimits
{
    /// <summary>Letters of a title: it is one line in every list.</summary>
    public const int TitleMax = 200;

    /// <summary>Letters of a message or post: what Slack takes whole, with room for escapes.</summary>
    public const int MessageMax = 2500;
}
