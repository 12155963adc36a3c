using System.Collections.Immutable;
using Mainstay.Etcd;
using Mainstay.Kernel;
using Mainstay.Up;

namespace Mainstay.Members;

/// <summary>The members of a store as they are now, each with its zone.</summary>
internal sealed record StoreSight(ClusterView View, ImmutableSortedDictionary<string, string> Zones)
{
    public FaultBudget Budget => BudgetOf(View.Members);

    public string ZoneOf(ClusterMember member) => Zones.GetValueOrDefault(member.Name, "");

    public BudgetMember ToBudget(ClusterMember member) =>
        new(member.Name, ZoneOf(member), !member.IsLearner, member.KnowsLeader);

    /// <summary>The budget if only these were members.</summary>
    public FaultBudget BudgetOf(IEnumerable<ClusterMember> members) => FaultBudget.Of(members.Select(ToBudget));
}

/// <summary>
/// Looks at a store through a client of its own. A store that was grown or shrunk is found by any of its addresses.
/// </summary>
internal sealed class StoreEye : IDisposable
{
    /// <summary>Rounds until every member of a list that was just learned has been asked.</summary>
    private const int Rounds = 2;

    /// <summary>
    /// Rounds while no list could be read: one busy member, or an election, must not make the store look lost.
    /// </summary>
    private const int RoundsMax = 4;

    private readonly ImmutableSortedDictionary<string, string> _zones;
    private readonly DataFolder? _folder;

    private StoreEye(IReadOnlyList<Uri> endpoints, ImmutableSortedDictionary<string, string> zones, DataFolder? folder)
    {
        (_zones, _folder) = (zones, folder);
        Client = new EtcdClient(new EtcdClientOptions { Endpoints = endpoints }, TimeProvider.System);
    }

    public EtcdClient Client { get; }

    /// <summary>The etcd of the platform of a folder.</summary>
    public static StoreEye On(DataFolder folder)
    {
        var book = MemberBook.Read(folder) ?? throw new StartException(
            $"there is no etcd over {folder.Root}",
            "the embedded store is one process and has no members; 'mainstay up --store etcd' runs etcd, "
                + "and --endpoints names one of your own",
            ExitCodes.NotWell);
        var endpoints = book.Present.Select(member => new Uri($"http://{member.Client}")).ToList();
        return new StoreEye(endpoints, ImmutableSortedDictionary<string, string>.Empty, folder);
    }

    /// <summary>Any etcd.</summary>
    /// <param name="zones">the zone of each member by its name, as far as it is known</param>
    public static StoreEye At(string endpoints, IReadOnlyDictionary<string, string> zones)
    {
        try
        {
            return new StoreEye(
                EtcdClientOptions.ParseEndpoints(endpoints), zones.ToImmutableSortedDictionary(), folder: null);
        }
        catch (FormatException fault)
        {
            throw new StartException(fault.Message, "--endpoints http://host:2379,...", ExitCodes.Usage);
        }
    }

    public async Task<StoreSight> LookAsync(CancellationToken cancellationToken)
    {
        for (var round = 0; round < (Client.View().ListFault.Length > 0 ? RoundsMax : Rounds); round++)
        {
            await Client.FollowOnceAsync(cancellationToken);
        }

        var view = Client.View();
        var book = _folder is null ? null : MemberBook.Read(_folder);
        var zones = book is null
            ? _zones
            : view.Members.ToImmutableSortedDictionary(member => member.Name, member => book.ZoneOf(member.Name));
        return new StoreSight(view, zones);
    }

    public void Dispose() => Client.Dispose();
}
