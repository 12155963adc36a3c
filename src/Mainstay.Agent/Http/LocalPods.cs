using System.Text;
using System.Text.Json.Nodes;
using k8s;
using Mainstay.Agent.Pods;
using Microsoft.AspNetCore.Http;

namespace Mainstay.Agent.Http;

/// <summary>
/// <c>GET /local-pods</c>: the pods with an address of their own on this node, the whole list on a line, at once, on
/// each change, and at least every five seconds. This is how the router of the node knows its callers and confirms
/// addresses.
/// </summary>
internal sealed class LocalPods(string nodeName, PodBoard board, TimeProvider time)
{
    private int _readers;

    /// <summary>Bounded: one reader too many is refused, and those that are there are not harmed.</summary>
    public async Task StreamAsync(HttpContext context, CancellationToken stopping)
    {
        if (Interlocked.Increment(ref _readers) > Limits.LocalPodsReadersMax)
        {
            Interlocked.Decrement(ref _readers);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "1";
            await context.Response.WriteAsync("too many read the local pods; again in a second\n", stopping);
            return;
        }

        try
        {
            await SendAsync(context, stopping);
        }
        finally
        {
            Interlocked.Decrement(ref _readers);
        }
    }

    private async Task SendAsync(HttpContext context, CancellationToken stopping)
    {
        context.Response.ContentType = "application/x-ndjson";
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var sent = "";
        var sentAt = time.GetTimestamp();
        try
        {
            while (true)
            {
                var view = board.View;
                var line = Line(view);
                if (line != sent || time.GetElapsedTime(sentAt) >= Limits.LocalPodsPulse)
                {
                    await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), either.Token);
                    await context.Response.Body.FlushAsync(either.Token);
                    (sent, sentAt) = (line, time.GetTimestamp());
                }

                var rest = Limits.LocalPodsPulse - time.GetElapsedTime(sentAt);
                using var pulse = CancellationTokenSource.CreateLinkedTokenSource(either.Token);
                await Task.WhenAny(
                    view.Replaced,
                    Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, time, pulse.Token));
                await pulse.CancelAsync();
                either.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException)
        {
            // The reader or the agent has gone.
        }
    }

    internal string Line(PodBoardView view)
    {
        var pods = new JsonArray();
        foreach (var report in view.Pods.Values.Where(report => !report.Record.IsHostNetwork))
        {
            pods.Add(new JsonObject
            {
                ["namespace"] = report.Record.Namespace,
                ["name"] = report.Record.Name,
                ["uid"] = report.Uid,
                ["ip"] = report.Record.Ip,
                ["phase"] = report.Status.Phase,
                ["ready"] = PodStatusBuilder.IsReady(report.Status),
            });
        }

        return new JsonObject { ["node"] = nodeName, ["pods"] = pods }.ToJsonString();
    }

    /// <summary><c>GET /pods</c>: every pod of this node with its status, as a v1 PodList.</summary>
    public async Task ListAsync(HttpContext context)
    {
        var items = new JsonArray();
        foreach (var report in board.View.Pods.Values)
        {
            var pod = JsonNode.Parse(KubernetesJson.Serialize(report.Record.Pod)) as JsonObject ?? new JsonObject();
            pod["status"] = JsonNode.Parse(KubernetesJson.Serialize(report.Status));
            items.Add(pod);
        }

        context.Response.ContentType = "application/json";
        var list = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "PodList", ["items"] = items };
        await context.Response.WriteAsync(list.ToJsonString(), context.RequestAborted);
    }
}
