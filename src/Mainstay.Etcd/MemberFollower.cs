using System.Globalization;
using Grpc.Core;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Etcd;

/// <summary>
/// Follows the cluster: asks each address each second how it is, and lists the members.
/// <code>
/// 1. probe every address at once           -> answers | no leader | refused | mute | foreign
/// 2. list the members by a proven member   -> take up their addresses, drop those of nobody
/// 3. leave the present address if a better one is known
/// </code>
/// A list counts only after a quorum read by the same member: one that was cut off, paused or removed tells an old
/// list in good faith (3.4 has no linearizable list). An empty list, or one of another cluster, changes nothing, and
/// an address is dropped only while a member of the new list answers: the last known good is kept. One loop.
/// </summary>
internal sealed class MemberFollower(EndpointSet endpoints, EtcdClientOptions options, TimeProvider time)
{
    /// <summary>Missed probes in a row after which a member counts as mute: one may be a pause of ours.</summary>
    private const int MissesToMute = 2;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);

    private readonly MemberLedger _ledger = new(time);
    private ulong _clusterId;

    public MemberLedger Ledger => _ledger;

    public async Task RunAsync(Action<MembershipChange> changed, CancellationToken cancellationToken)
    {
        while (true)
        {
            var began = time.GetTimestamp();
            await RoundAsync(changed, cancellationToken);
            // A round that waited for a silent member is followed at once by the one that tells whether it is mute.
            var left = options.ProbeInterval - time.GetElapsedTime(began);
            await Task.Delay(left > ShortestPause ? left : ShortestPause, time, cancellationToken);
        }
    }

    /// <summary>One round. Never throws for what the store does.</summary>
    public async Task RoundAsync(Action<MembershipChange> changed, CancellationToken cancellationToken)
    {
        await ProbeAllAsync(cancellationToken);
        endpoints.Reconsider();
        if (await ListAsync(cancellationToken) is { } members)
        {
            var wanted = members.SelectMany(member => Addresses(member.ClientURLs)).ToHashSet();
            if (wanted.Count == 0)
            {
                _ledger.Failed("the member list names no client address");
            }
            else
            {
                _ledger.Listed(members);
                Follow(members, wanted);
                await ProbeNewAsync(cancellationToken);
            }
        }

        endpoints.Reconsider();
        if (_ledger.Settle(endpoints.All) is { } change)
        {
            changed(change);
        }
    }

    private static IEnumerable<Uri> Addresses(IEnumerable<string> urls) => urls
        .Select(url => Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : null)
        .OfType<Uri>();

    private Task ProbeAllAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(endpoints.All.Select(endpoint => ProbeAsync(endpoint, cancellationToken)));

    private Task ProbeNewAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(endpoints.All
            .Where(endpoint => endpoint.Health.State == EndpointState.Unknown)
            .Select(endpoint => ProbeAsync(endpoint, cancellationToken)));

    private async Task ProbeAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        var connection = endpoint.Connection;
        var askedAt = time.GetTimestamp();
        try
        {
            // Without the demand for a leader: one that has none still tells how it is.
            var status = await connection.Maintenance.StatusAsync(
                new StatusRequest(), Deadline(options.ProbeTimeout, cancellationToken).WithHeaders([]));
            endpoint.Health = Judge(endpoint, status, askedAt);
        }
        catch (RpcException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (RpcException fault)
        {
            Missed(endpoint, connection, fault);
        }
        catch (ObjectDisposedException)
        {
            // Its member was dropped by an earlier step of this round.
        }
    }

    private EndpointHealth Judge(Endpoint endpoint, StatusResponse status, long askedAt)
    {
        var header = status.Header ?? new ResponseHeader();
        var state = EndpointState.Answers;
        var reason = status.Errors.Count == 0 ? "" : string.Join("; ", status.Errors);
        if (_clusterId != 0 && header.ClusterId != _clusterId)
        {
            state = EndpointState.Foreign;
            reason = $"a member of another cluster answers: {Hex(header.ClusterId)}, not {Hex(_clusterId)}";
        }
        else if (_ledger.IsKnown && !_ledger.Has(header.MemberId))
        {
            state = EndpointState.Removed;
            reason = $"member {Hex(header.MemberId)}, which answers there, was removed";
        }
        else if (status.IsLearner)
        {
            (state, reason) = (EndpointState.Learner, "it is a learner: it serves no quorum reads");
        }
        else if (status.Leader == 0)
        {
            (state, reason) = (EndpointState.NoLeader, "it knows no leader");
        }

        if (state is EndpointState.Foreign or EndpointState.Removed && endpoint.Health.State != state)
        {
            endpoint.Renew(reason);
        }

        return new EndpointHealth(state, reason, 0, askedAt, status);
    }

    private void Missed(Endpoint endpoint, Connection connection, RpcException fault)
    {
        var before = endpoint.Health;
        if (IsNobodys(endpoint))
        {
            endpoint.Health = AsRemoved(before) with { Misses = before.Misses + 1 };
            return;
        }

        if (CallFault.IsConnectionRefused(fault))
        {
            var reason = fault.Status.DebugException?.Message ?? fault.Status.Detail;
            endpoint.Health = before with
            {
                State = EndpointState.Refused, Reason = reason, Misses = before.Misses + 1,
            };
            return;
        }

        var misses = before.Misses + 1;
        var isMute = misses >= MissesToMute;
        var silent = string.Create(
            CultureInfo.InvariantCulture,
            $"no answer within {options.ProbeTimeout.TotalSeconds:0.#} s, {misses} times ({fault.StatusCode})");
        endpoint.Health = before with
        {
            State = isMute ? EndpointState.Mute : before.State, Reason = silent, Misses = misses,
        };
        // Where another answers, calls that wait here are set free; alone, a slow member is better than none.
        if (isMute && endpoint.Connection == connection && endpoints.All.Any(one => one != endpoint && one.Serves))
        {
            endpoint.Renew(silent);
        }
    }

    /// <summary>A deadline that passed has no words of its own.</summary>
    private string Why(RpcException fault) => fault.Status.Detail.Length > 0
        ? fault.Status.Detail
        : string.Create(
            CultureInfo.InvariantCulture,
            $"no answer within {options.ProbeTimeout.TotalSeconds:0.#} s ({fault.StatusCode})");

    /// <summary>
    /// The members as a quorum knows them; null where the one member asked in this round could not say. The next round
    /// asks another.
    /// </summary>
    private async Task<IReadOnlyList<Member>?> ListAsync(CancellationToken cancellationToken)
    {
        var endpoint = endpoints.All
            .OrderBy(one => one.Rank).ThenBy(one => one.FailedAt).ThenBy(one => one == endpoints.Current ? 0 : 1)
            .First();
        var connection = endpoint.Connection;
        try
        {
            return await ListByAsync(connection, Deadline(options.ProbeTimeout, cancellationToken));
        }
        catch (RpcException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (RpcException fault)
        {
            endpoint.FailedAt = time.GetTimestamp();
            _ledger.Failed($"{endpoint.Address.Authority}: {Why(fault)}");
            return null;
        }
    }

    private async Task<IReadOnlyList<Member>> ListByAsync(Connection connection, CallOptions options)
    {
        var proof = new RangeRequest { Key = Google.Protobuf.ByteString.CopyFrom(0), KeysOnly = true, Limit = 1 };
        await connection.Kv.RangeAsync(proof, options);
        var list = await connection.Cluster.MemberListAsync(new MemberListRequest { Linearizable = true }, options);
        var clusterId = list.Header?.ClusterId ?? 0;
        if (_clusterId != 0 && clusterId != _clusterId && AnyAnswersOf(_clusterId))
        {
            throw new RpcException(new Status(
                StatusCode.FailedPrecondition, $"it belongs to another cluster, {Hex(clusterId)}"));
        }

        _clusterId = clusterId;
        return list.Members;
    }

    private bool AnyAnswersOf(ulong clusterId) => endpoints.All.Any(endpoint =>
        endpoint.Health is { State: EndpointState.Answers, Misses: 0, Status.Header.ClusterId: var id }
        && id == clusterId);

    private void Follow(IReadOnlyList<Member> members, HashSet<Uri> wanted)
    {
        var ids = members.Select(member => member.ID).ToHashSet();
        var isServed = endpoints.All.Any(endpoint =>
            wanted.Contains(endpoint.Address)
            && endpoint.Health.State == EndpointState.Answers
            && ids.Contains(endpoint.Health.MemberId));
        // Nobody of the new list answers us yet: keep what we have, and add what may.
        foreach (var endpoint in endpoints.All
            .Where(one => one.Health.State != EndpointState.Removed && IsNobodys(one)))
        {
            endpoint.Health = AsRemoved(endpoint.Health);
            endpoint.Renew(endpoint.Health.Reason);
        }

        endpoints.Follow(isServed ? wanted : [.. wanted, .. endpoints.All.Select(endpoint => endpoint.Address)]);
    }

    private bool IsNobodys(Endpoint endpoint) =>
        _ledger.IsKnown
        && !_ledger.Addresses.Contains(endpoint.Address)
        && (endpoint.Health.MemberId == 0 || !_ledger.Has(endpoint.Health.MemberId));

    private static EndpointHealth AsRemoved(EndpointHealth health) => health with
    {
        State = EndpointState.Removed,
        Reason = health.MemberId == 0 ? "no member has this address" : $"member {Hex(health.MemberId)} was removed",
    };

    private CallOptions Deadline(TimeSpan timeout, CancellationToken cancellationToken) =>
        new(
            Connection.RequireLeader,
            deadline: (time.GetUtcNow() + timeout).UtcDateTime,
            cancellationToken: cancellationToken);

    private static string Hex(ulong id) => id.ToString("x", CultureInfo.InvariantCulture);
}
