using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kube;
using Microsoft.Data.Sqlite;

namespace Mainstay.ConsoleSite.Changes;

/// <summary>
/// The store's members and the versions of the parts, as an API server sees them: asked again and again, since
/// neither can be watched. Membership counts only while a quorum answers and the list could be read: a store in trouble
/// tells of nobody's removal. What is listed is also who is asked for its health.
/// </summary>
internal sealed class StoreFeed(KubeHttp http, StoreMembers asked, ChangeFeedWorld world)
{
    public const string StoreSource = "store";

    /// <summary>The kind of a member among what the ledger knows.</summary>
    public const string MemberKind = "StoreMember";

    /// <summary>Below the grace of silence: a member that was removed must not look down.</summary>
    private static readonly TimeSpan Interval = Limits.SignalsInterval;

    /// <summary>How often the versions are asked for, and how fresh the ledger is written down: each a write.</summary>
    private static readonly TimeSpan FedInterval = TimeSpan.FromSeconds(3);

    private readonly ChangeFeed _members = new(MemberKind, tellsFirstList: false, world);
    private readonly ChangeFeed _versions = new("ApiServer", tellsFirstList: false, world);
    private long? _fedAt;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, world.Time);
        try
        {
            do
            {
                await LookAsync(cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The console ends.
        }
    }

    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        var server = http.Server;
        try
        {
            var isDue = _fedAt is not { } fedAt || world.Time.GetElapsedTime(fedAt) >= FedInterval;
            if (isDue)
            {
                // One server is asked at a time; of the others the last word stays.
                using var version = await http.GetAsync("/version", cancellationToken);
                _versions.Changed(new ObjectKey("", server.ToString()), VersionOf(version.RootElement), "");
            }

            using var store = await http.GetAsync("/mainstay/store.json", cancellationToken);
            if (Members(store.RootElement) is { } members)
            {
                asked.Told(members.Values);
                _members.Replaced(members, "");
                if (isDue)
                {
                    world.Ledger.Fed(StoreSource, world.Time.GetUtcNow());
                    _fedAt = world.Time.GetTimestamp();
                }
            }
        }
        catch (KubeStatusException fault) when (fault.IsNotFound)
        {
            // An API server of another make: it does not tell of its store.
        }
        catch (Exception fault) when (fault is HttpRequestException or KubeStatusException or TimeoutException
            or IOException or JsonException or MalformedObjectException)
        {
            http.Leave(server);
            world.Logger.FeedDisturbed(MemberKind, server.ToString(), fault.Message);
        }
        catch (SqliteException fault)
        {
            world.Logger.LedgerNotWritten(fault.Message);
        }
    }

    /// <returns>null where the answer does not say who is a member</returns>
    internal static ImmutableDictionary<ObjectKey, Facts>? Members(JsonElement store)
    {
        var (quorum, answering) = (store.Number("quorum") ?? 0, store.Number("answering") ?? 0);
        var members = store.Items("members").Where(member => member.Text("id").Length > 0).ToList();
        var isOld = store.Text("listFault").Length > 0;
        if (members.Count == 0 || quorum == 0 || answering < quorum || isOld)
        {
            return null;
        }

        return members.ToImmutableDictionary(
            member => new ObjectKey("", member.Text("id")),
            member => new Facts
            {
                Uid = member.Text("id"),
                Values = new Dictionary<string, string>
                {
                    [FactNames.Name] = member.Text("name"),
                    [FactNames.Address] = string.Join(' ', member.Texts("clientUrls")),
                    [FactNames.Version] = member.Text("version"),
                }.ToImmutableSortedDictionary(StringComparer.Ordinal),
            });
    }

    private static Facts VersionOf(JsonElement version) => new()
    {
        Uid = "version",
        Values = ImmutableSortedDictionary<string, string>.Empty.Add(FactNames.Version, version.Text("gitVersion")),
    };
}
