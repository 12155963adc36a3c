using System.Text.Json;
using Mainstay.Kernel;
using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.Agent.Api;

/// <summary>
/// Tells the API that the node lives: registers it, renews its Lease, writes its status. An API server that is away
/// is tried for ever; a Node that somebody deleted is registered again. One loop.
/// </summary>
internal sealed class NodeReporter(NodeShape shape, AgentMetrics metrics, ApiWorld world, ILogger logger)
{
    private static readonly BackoffOptions Pace = new(Limits.ApiRetryFirst, TimeSpan.FromSeconds(3));
    private string? _uid;
    private DateTimeOffset _readySince;
    private DateTimeOffset _statusAt = DateTimeOffset.MinValue;

    public async Task RunAsync(ApiConnection connection, CancellationToken cancellationToken)
    {
        var http = await connection.WaitAsync(cancellationToken);
        var backoff = new Backoff(Pace, world.Random);
        _readySince = world.Time.GetUtcNow();
        var lastFault = "";
        while (true)
        {
            var server = http.Server;
            var pause = Limits.LeaseRenew;
            try
            {
                await ReportAsync(http, cancellationToken);
                backoff.Reset();
                lastFault = "";
            }
            catch (Exception e) when (ApiConnection.IsOfTheWorld(e))
            {
                pause = backoff.Next();
                if (e.Message != lastFault)
                {
                    AgentLog.ApiWorkFailed(logger, "Reporting of the node", e.Message);
                    lastFault = e.Message;
                }

                http.Leave(server);
            }

            await Task.Delay(pause, world.Time, cancellationToken);
        }
    }

    private async Task ReportAsync(KubeHttp http, CancellationToken cancellationToken)
    {
        if (_uid is null)
        {
            await RegisterAsync(http, cancellationToken);
        }

        var now = world.Time.GetUtcNow();
        await RenewAsync(http, now, cancellationToken);
        metrics.ApiHeard(now);
        if (now - _statusAt >= Limits.NodeStatusRefresh || !await IsSeenReadyAsync(http, cancellationToken))
        {
            await WriteStatusAsync(http, now, cancellationToken);
        }
    }

    /// <summary>
    /// A controller that heard nothing for a while has declared this node lost: it must hear otherwise.
    /// </summary>
    private async Task<bool> IsSeenReadyAsync(KubeHttp http, CancellationToken cancellationToken)
    {
        try
        {
            using var node = await http.GetAsync(Path, cancellationToken);
            return node.RootElement.TryGetProperty("status", out var status)
                && status.TryGetProperty("conditions", out var conditions)
                && conditions.ValueKind == JsonValueKind.Array
                && conditions.EnumerateArray().Any(IsReady);
        }
        catch (KubeStatusException e) when (e.IsNotFound)
        {
            _uid = null;
            throw;
        }
    }

    private static bool IsReady(JsonElement condition) =>
        condition.TryGetProperty("type", out var type) && type.ValueEquals("Ready")
        && condition.TryGetProperty("status", out var status) && status.ValueEquals("True");

    private async Task RegisterAsync(KubeHttp http, CancellationToken cancellationToken)
    {
        try
        {
            using var created = await http.CreateAsync("/api/v1/nodes", shape.Object(), cancellationToken);
            _uid = ObjectMeta.Read(created.RootElement).Uid;
        }
        catch (KubeStatusException e) when (e.IsAlreadyExists)
        {
            using var patched = await http.MergeAsync(Path, shape.LabelsPatch(), cancellationToken);
            _uid = ObjectMeta.Read(patched.RootElement).Uid;
        }

        _statusAt = DateTimeOffset.MinValue;
        await WriteStatusAsync(http, world.Time.GetUtcNow(), cancellationToken);
        AgentLog.Registered(logger, shape.Name);
    }

    private async Task WriteStatusAsync(KubeHttp http, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var request = new KubeRequest(HttpMethod.Patch, Path + "/status")
        {
            Body = shape.StatusPatch(now, _readySince),
            ContentType = KubeRequest.StrategicMergePatch,
        };
        try
        {
            using var answer = await http.AnswerAsync(request, cancellationToken);
            _statusAt = now;
        }
        catch (KubeStatusException e) when (e.IsNotFound)
        {
            _uid = null;
            throw;
        }
    }

    private async Task RenewAsync(KubeHttp http, DateTimeOffset now, CancellationToken cancellationToken)
    {
        const string leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
        try
        {
            using var renewed = await http.MergeAsync(
                $"{leases}/{shape.Name}", shape.Lease(now, _uid), cancellationToken);
        }
        catch (KubeStatusException e) when (e.IsNotFound)
        {
            using var created = await http.CreateAsync(leases, shape.Lease(now, _uid), cancellationToken);
        }
    }

    private string Path => $"/api/v1/nodes/{shape.Name}";
}
