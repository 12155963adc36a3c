using System.Collections.Immutable;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Etcd;

/// <summary>
/// The members as last listed, and when they or their versions changed. Written by the follower, read by all.
/// </summary>
internal sealed class MemberLedger(TimeProvider time)
{
    private volatile State _state = new(
        [], ImmutableDictionary<ulong, Known>.Empty, null, "", 0, "not listed yet");

    public bool IsKnown => !_state.Members.IsEmpty;

    public ImmutableArray<Member> Members => _state.Members;

    public DateTimeOffset? ChangedAt => _state.ChangedAt;

    public string LastChange => _state.LastChange;

    public TimeSpan? ListedAgo => _state.ListedAt == 0 ? null : time.GetElapsedTime(_state.ListedAt);

    public string Fault => _state.Fault;

    /// <summary>Every client address that a member advertises.</summary>
    public IReadOnlySet<Uri> Addresses => _state.Members
        .SelectMany(member => member.ClientURLs)
        .Select(url => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri : null)
        .OfType<Uri>().ToHashSet();

    public bool Has(ulong memberId) => _state.Members.Any(member => member.ID == memberId);

    public void Failed(string fault) => _state = _state with { Fault = fault };

    public void Listed(IEnumerable<Member> members) => _state = _state with
    {
        // Shorter first: etcd-2 stands before etcd-10.
        Members =
        [
            .. members.OrderBy(member => member.Name.Length)
                .ThenBy(member => member.Name, StringComparer.Ordinal).ThenBy(member => member.ID),
        ],
        ListedAt = time.GetTimestamp(),
        Fault = "",
    };

    /// <summary>Compares with the last time: the change, or null for none. The first list is no change.</summary>
    public MembershipChange? Settle(IEnumerable<Endpoint> endpoints)
    {
        var state = _state;
        if (state.Members.IsEmpty)
        {
            return null;
        }

        var versions = endpoints
            .Where(endpoint => endpoint.Health.Status is { Version.Length: > 0 })
            .GroupBy(endpoint => endpoint.Health.MemberId)
            .ToDictionary(
                group => group.Key, group => group.MaxBy(one => one.Health.AnsweredAt)!.Health.Status!.Version);
        var now = state.Members.ToImmutableDictionary(
            member => member.ID,
            member => new Known(
                member.Name.Length > 0 ? member.Name : string.Join(',', member.PeerURLs),
                member.IsLearner,
                string.Join(',', member.ClientURLs.Order(StringComparer.Ordinal)),
                versions.GetValueOrDefault(member.ID)
                    ?? state.Known.GetValueOrDefault(member.ID)?.Version ?? ""));
        var what = Differences(state.Known, now);
        if (what.Length == 0)
        {
            _state = state with { Known = now };
            return null;
        }

        var change = new MembershipChange(time.GetUtcNow(), what);
        _state = state with { Known = now, ChangedAt = change.At, LastChange = what };
        return change;
    }

    private static string Differences(
        ImmutableDictionary<ulong, Known> before, ImmutableDictionary<ulong, Known> now)
    {
        if (before.IsEmpty)
        {
            return "";
        }

        var words = new List<string>();
        var added = now.Where(one => !before.ContainsKey(one.Key)).Select(one => one.Value.Name).ToList();
        var removed = before.Where(one => !now.ContainsKey(one.Key)).Select(one => one.Value.Name).ToList();
        if (added.Count > 0)
        {
            words.Add($"added {string.Join(", ", added.Order(StringComparer.Ordinal))}");
        }

        if (removed.Count > 0)
        {
            words.Add($"removed {string.Join(", ", removed.Order(StringComparer.Ordinal))}");
        }

        foreach (var (id, member) in now.OrderBy(one => one.Value.Name, StringComparer.Ordinal))
        {
            if (before.GetValueOrDefault(id) is { } old)
            {
                words.AddRange(Differences(old, member));
            }
        }

        return string.Join("; ", words);
    }

    private static IEnumerable<string> Differences(Known before, Known now)
    {
        if (before.IsLearner && !now.IsLearner)
        {
            yield return $"promoted {now.Name}";
        }

        if (before.ClientUrls != now.ClientUrls)
        {
            yield return $"{now.Name} is now at {now.ClientUrls}";
        }

        if (before.Version.Length > 0 && before.Version != now.Version)
        {
            yield return $"{now.Name} is now {now.Version}, was {before.Version}";
        }
    }

    private sealed record Known(string Name, bool IsLearner, string ClientUrls, string Version);

    private sealed record State(
        ImmutableArray<Member> Members,
        ImmutableDictionary<ulong, Known> Known,
        DateTimeOffset? ChangedAt,
        string LastChange,
        long ListedAt,
        string Fault);
}
