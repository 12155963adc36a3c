using System.Globalization;
using System.Text.Json.Nodes;
using Mainstay.Kernel;
using Mainstay.Kube;
using Mainstay.Router.Discovery.Freshness;
using Microsoft.Extensions.Logging;

namespace Mainstay.Router.Discovery;

/// <summary>
/// Makes this router known by its Lease, <c>docs/seams.md</c> "Routers make themselves known": soon after a table with
/// other slices was applied, and every five seconds. Owned by <see cref="RunAsync"/>.
/// </summary>
internal sealed class RouterRegistration(Func<RouterFacts> facts, KubeHttp http, DiscoveryWorld world)
{
    private const int LeaseDurationSeconds = 15;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(5);

    private readonly LeaseApi _leases = new(http, world.Time);
    private readonly Backoff _backoff =
        new(new BackoffOptions(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(5)), world.Random);

    private long _startedAt = world.Time.GetTimestamp();
    private TimeSpan _dueAt;
    private TimeSpan _notBefore;
    private long _tables = -1;

    /// <summary>Until cancelled. The lease then runs out by itself: a router that restarts renews it in time.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _startedAt = world.Time.GetTimestamp();
        using var timer = new PeriodicTimer(LookEvery, world.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await LookAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The router stops.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = world.Time.GetElapsedTime(_startedAt);
        var current = facts();
        if (now < _notBefore || (current.Tables == _tables && now < _dueAt))
        {
            return;
        }

        // Others write over the same client, and may have left it by the time that this fails.
        var server = http.Server;
        try
        {
            await _leases.MergeAsync(current.LeaseName, Lease(current), cancellationToken);
            (_tables, _dueAt) = (current.Tables, now + RenewEvery);
            _backoff.Reset();
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_backoff.Failures == 0)
            {
                world.Logger.NotRegistered(current.LeaseName, fault.Message);
            }

            http.Leave(server);
            _notBefore = now + _backoff.Next();
        }
    }

    private JsonObject Lease(RouterFacts current)
    {
        var annotations = new JsonObject
        {
            ["mainstay.dev/node"] = current.Node,
            ["mainstay.dev/admin"] = current.AdminUrl,
            ["mainstay.dev/applied-revision"] = current.AppliedRevision,
            ["mainstay.dev/kept-out"] = current.KeptOutLine,
            ["mainstay.dev/heartbeat-sequence"] = current.HeartbeatSequence.ToString(CultureInfo.InvariantCulture),
        };
        if (current.Proof is { } proof)
        {
            annotations["mainstay.dev/proof"] = proof;
        }

        return new JsonObject
        {
            ["apiVersion"] = "coordination.k8s.io/v1",
            ["kind"] = "Lease",
            ["metadata"] = new JsonObject
            {
                ["namespace"] = "kube-system",
                ["name"] = current.LeaseName,
                ["labels"] = new JsonObject { ["mainstay.dev/part"] = "router" },
                ["annotations"] = annotations,
            },
            ["spec"] = new JsonObject
            {
                ["holderIdentity"] = $"router/{current.Node}",
                ["leaseDurationSeconds"] = LeaseDurationSeconds,
                ["renewTime"] = KubeTime.Text(world.Time.GetUtcNow()),
            },
        };
    }
}

/// <summary>What a router says of itself.</summary>
/// <param name="Node">the node it serves</param>
/// <param name="AdminUrl">where its admin pages are; empty for none</param>
internal sealed record RouterFacts(string Node, string AdminUrl)
{
    /// <summary>All up to this revision of the slices is in the table; empty before the first table.</summary>
    public string AppliedRevision { get; init; } = "";

    /// <summary>
    /// Objects that make no sense, read after <see cref="AppliedRevision"/>: that may have passed over them.
    /// </summary>
    public IReadOnlyList<QuarantinedObject> KeptOut { get; init; } = [];

    /// <summary>KIND/NAMESPACE/NAME,..; <c>*</c> alone for more than can be named.</summary>
    public string KeptOutLine => KeptOut.Count > Limits.KeptOutNamesMax ? "*"
        : string.Join(',', KeptOut.Select(one => $"{one.Kind}/{one.Key}").Order(StringComparer.Ordinal));

    /// <summary>Counts the tables, so that a change is told at once.</summary>
    public long Tables { get; init; }

    public long HeartbeatSequence { get; init; } = -1;

    /// <summary>The summary of the last restart proof, one line of JSON; null for none.</summary>
    public string? Proof { get; init; }

    public string LeaseName => $"mainstay-router-{Node}";
}
