using System.Collections.Immutable;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kernel.Signals;
using Mainstay.Up;

namespace Mainstay.Members;

/// <summary>One change of the store's members as a guarded action: adding one, removing one, or both in turn.</summary>
internal sealed class MemberTarget : IActionTarget
{
    private readonly MemberSteps _steps;
    private readonly ClientsFollowed _clients;
    private readonly BookedMember? _added;
    private readonly string _removed;
    private readonly ImmutableArray<ActionUnit> _units;

    private MemberTarget(MemberSteps steps, MemberChange change)
    {
        _steps = steps;
        _clients = new ClientsFollowed(steps.Platform);
        (_added, _removed) = (change.Added, change.Removed);
        var book = steps.Book;
        var units = new List<ActionUnit>();
        if (_added is not null)
        {
            units.Add(Unit(book.With(_added), _added.Name));
        }

        if (_removed.Length > 0)
        {
            units.Insert(change.RemoveFirst ? 0 : units.Count, Unit(book, _removed));
        }

        _units = [.. units];
        Traits = new TargetTraits
        {
            Kind = change.Kind,
            Effect = change.Effect,
            UnitDeadline = TimeSpan.FromSeconds(30),
            Bake = TimeSpan.FromSeconds(3),
            RefusedUnder = [SignalCatalog.NoQuorum.Name, SignalCatalog.SlowStore.Name],
        };
    }

    public TargetTraits Traits { get; }

    public static MemberTarget Add(MemberSteps steps, StoreSight sight, BookedNode node)
    {
        var member = steps.Book.Next(node);
        var after = FaultBudget.Of(
            sight.View.Members.Select(sight.ToBudget).Append(new BudgetMember(member.Name, node.Zone, true, true)));
        var change = new MemberChange(member.Name, member, "", sight.Budget, after)
        {
            Words = $"{member.Name} joins on {node.Name} in {node.Zone}, first without a vote",
        };
        return new MemberTarget(steps, change);
    }

    public static MemberTarget Remove(MemberSteps steps, StoreSight sight, string name)
    {
        var after = sight.BudgetOf(sight.View.Members.Where(member => MembersText.Name(member) != name));
        var change = new MemberChange(name, null, name, sight.Budget, after)
        {
            Words = $"{name} leaves for good; where it leads, another is made leader before",
        };
        return new MemberTarget(steps, change);
    }

    /// <summary>A new one in the place of another. One that is down goes first: etcd insists on it.</summary>
    public static MemberTarget Replace(MemberSteps steps, StoreSight sight, string name)
    {
        var book = steps.Book;
        var node = book.Present.FirstOrDefault(member => member.Name == name) is { } old
            ? book.Nodes.First(one => one.Name == old.Node)
            : book.Nodes[0];
        var target = sight.View.Members.FirstOrDefault(member => MembersText.Name(member) == name);
        var isWell = target?.KnowsLeader ?? false;
        var member = book.Next(node);
        var after = FaultBudget.Of(sight.View.Members
            .Where(one => one.Id != target?.Id)
            .Select(sight.ToBudget)
            .Append(new BudgetMember(member.Name, node.Zone, true, true)));
        var order = isWell ? "joins first, then" : "joins after";
        var change = new MemberChange($"{name} by {member.Name}", member, name, sight.Budget, after)
        {
            Words = $"{member.Name} {order} {name} leaves, both on {node.Name} in {node.Zone}",
            RemoveFirst = !isWell,
        };
        return new MemberTarget(steps, change);
    }

    public Task<ImmutableArray<ActionUnit>> UnitsAsync(CancellationToken cancellationToken) => Task.FromResult(_units);

    /// <summary>
    /// The members and the budget, as they are now, for the first of the units: what the second needs is asked for when
    /// the first is done. And the API servers, which must be able to say that they followed.
    /// </summary>
    public async Task<ImmutableArray<Need>> NeedsAsync(
        ImmutableArray<ActionUnit> units, CancellationToken cancellationToken)
    {
        if (units.IsEmpty)
        {
            return [];
        }

        var sight = await _steps.Eye.LookAsync(cancellationToken);
        var lagging = await _clients.LaggingAsync([], [], cancellationToken);
        return
        [
            .. Added(units[0]) is { } added
                ? MembersGuard.ForAdd(sight, added.Name, units[0].Zone)
                : MembersGuard.ForRemove(sight, _removed),
            new Need(
                "clients",
                lagging.Count == 0,
                lagging.Count == 0 ? "every API server tells what it knows of the store" : string.Join("; ", lagging))
            {
                Required = false,
            },
        ];
    }

    public Task<UnitProof> ProveAsync(ActionUnit unit, CancellationToken cancellationToken) =>
        Task.FromResult(UnitProof.None);

    /// <summary>Its place among the members, and whether every client has followed.</summary>
    public async Task<UnitState> LookAsync(ActionUnit unit, CancellationToken cancellationToken)
    {
        var sight = await _steps.Eye.LookAsync(cancellationToken);
        var added = Added(unit);
        var name = added?.Name ?? _removed; // the units are these two
        var found = sight.View.Members.FirstOrDefault(member => MembersText.Name(member) == name);
        var isThere = found is { IsLearner: false, KnowsLeader: true };
        var instance = found is null ? "none" : isThere ? found.IdText : "not yet";
        var isDone = added is not null ? isThere : found is null && sight.View.ListFault.Length == 0;
        if (!isDone)
        {
            return new UnitState(instance, isThere, found?.Reason ?? sight.View.ListFault);
        }

        var wanted = sight.View.Members.SelectMany(member => member.ClientUrls.Take(1)).ToList();
        var gone = _steps.Book.Members
            .Where(member => member.Removed).Select(member => $"http://{member.Client}").ToList();
        var lagging = await _clients.LaggingAsync(wanted, gone, cancellationToken);
        return lagging.Count == 0
            ? new UnitState(instance, true, $"every API server followed; {sight.Budget.Sentence}")
            : new UnitState(instance, false, string.Join("; ", lagging));
    }

    public Task ActAsync(ActionUnit unit, IActionTeller tell, CancellationToken cancellationToken) =>
        Added(unit) is { } added
            ? _steps.AddAsync(added, tell, cancellationToken)
            : _steps.RemoveAsync(_removed, tell, cancellationToken);

    public async Task<string> TakeBackAsync(ActionUnit unit, CancellationToken cancellationToken) =>
        Added(unit) is { } added
            ? await _steps.TakeBackAsync(added, cancellationToken)
            : "";

    /// <returns>the new member, where the unit is it; null: it is the one that goes</returns>
    private BookedMember? Added(ActionUnit unit) =>
        _added is { } added && unit.Subject == Subject(added.Name) ? added : null;

    private static ActionUnit Unit(MemberBook book, string name)
    {
        var node = book.Members.FirstOrDefault(member => member.Name == name)?.Node ?? "";
        return new ActionUnit(Subject(name), node, book.ZoneOf(name));
    }

    private static string Subject(string member) => $"store/{member}";
}

/// <summary>What a change does to the members.</summary>
/// <param name="Kind">the members it is about, as the record names it</param>
/// <param name="Added">the new one, or null</param>
/// <param name="Removed">the name of the one that goes; empty for none</param>
internal sealed record MemberChange(
    string Kind, BookedMember? Added, string Removed, FaultBudget Before, FaultBudget After)
{
    public required string Words { get; init; }

    public bool RemoveFirst { get; init; }

    public string Effect => $"{Words}. {MembersGuard.Between(Before, After)}";
}
