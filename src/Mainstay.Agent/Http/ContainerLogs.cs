using System.Globalization;
using Mainstay.Agent.Logs;
using Mainstay.Agent.Pods;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Mainstay.Agent.Http;

/// <summary>
/// <c>GET /containerLogs/NAMESPACE/POD/CONTAINER</c> as the API server asks it of a kubelet: follow, tailLines,
/// sinceSeconds, sinceTime, previous, timestamps, limitBytes.
/// </summary>
internal sealed class ContainerLogs(PodBoard board, string logsFolder, TimeProvider time)
{
    public async Task HandleAsync(HttpContext context)
    {
        var (@namespace, podName, name) = (
            Route(context, "namespace"), Route(context, "pod"), Route(context, "container"));
        var report = board.View.Pods.Values.FirstOrDefault(candidate =>
            candidate.Record.Namespace == @namespace && candidate.Record.Name == podName);
        if (report is null)
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, $"pod \"{podName}\" is not on this node");
            return;
        }

        if (report.State.Containers.FirstOrDefault(candidate => candidate.Name == name) is not { } container)
        {
            await RefuseAsync(
                context, StatusCodes.Status404NotFound, $"container \"{name}\" is not in pod \"{podName}\"");
            return;
        }

        var query = context.Request.Query;
        var attempt = container.Attempt - (Flag(query, "previous") ? 1 : 0);
        var log = LogFiles.PathOf(Path.Combine(logsFolder, report.Record.FolderName), name, attempt);
        if (attempt < 0 || !File.Exists(log))
        {
            var what = Flag(query, "previous") ? "previous terminated container" : "container";
            var why = container.WaitingMessage is { } waiting ? $": {waiting}" : "";
            await RefuseAsync(
                context, StatusCodes.Status400BadRequest, $"{what} \"{name}\" in pod \"{podName}\" has no log{why}");
            return;
        }

        if (Read(query, time.GetUtcNow(), out var fault) is not { } request)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, fault ?? "bad query");
            return;
        }

        context.Response.ContentType = "text/plain; charset=utf-8";
        await new LogReader(log, request, time).CopyAsync(
            context.Response.Body, () => HasEnded(report.Uid, name, attempt), context.RequestAborted);
    }

    private bool HasEnded(string uid, string container, int attempt) =>
        !board.View.Pods.TryGetValue(uid, out var report)
        || report.State[container] is var current
            && (current.Attempt != attempt || current.Phase != ContainerPhase.Running);

    private static LogRequest? Read(IQueryCollection query, DateTimeOffset now, out string? fault)
    {
        fault = null;
        var (tail, since, bytes) = (
            Number(query, "tailLines", ref fault),
            Number(query, "sinceSeconds", ref fault),
            Number(query, "limitBytes", ref fault));
        DateTimeOffset? from = since is { } seconds ? now - TimeSpan.FromSeconds(seconds) : null;
        if (query["sinceTime"].ToString() is { Length: > 0 } text)
        {
            if (!DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            {
                fault = $"sinceTime \"{text}\" is no RFC 3339 time";
            }

            from = at;
        }

        return fault is null
            ? new LogRequest(tail, from, bytes, Flag(query, "timestamps"), Flag(query, "follow")) : null;
    }

    private static long? Number(IQueryCollection query, string name, ref string? fault)
    {
        if (query[name].ToString() is not { Length: > 0 } text)
        {
            return null;
        }

        if (long.TryParse(text, CultureInfo.InvariantCulture, out var number) && number is >= 0 and < 1L << 40)
        {
            return number;
        }

        fault = $"{name} \"{text}\" is no number from 0 up";
        return null;
    }

    private static bool Flag(IQueryCollection query, string name) => query[name].ToString() is "true" or "1";

    private static string Route(HttpContext context, string name) => context.GetRouteValue(name)?.ToString() ?? "";

    private static async Task RefuseAsync(HttpContext context, int code, string message)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(message + "\n", context.RequestAborted);
    }
}
